/** What a client did wrong, in words fit for it to read. Ends its session. */
export class StompError extends Error {
  override readonly name = "StompError";
}

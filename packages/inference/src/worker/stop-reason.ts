/** Why a request ends early; the reason given to its AbortController. */
export class RequestStop extends Error {
  readonly reason: "aborted" | "deadline" | "unavailable";

  constructor(reason: "aborted" | "deadline" | "unavailable", detail: string) {
    super(detail);
    this.name = "RequestStop";
    this.reason = reason;
  }
}

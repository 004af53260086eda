import { z } from "zod";
import { uuidSchema } from "./ids.ts";

/**
 * The body of a frame: which message, where. It is a hint; what it names is read again from the database.
 *
 * A wake-up with `seq` 0 is for a duty: it has no message, and `id` is the conversation's.
 */
const wakeUpSchema = z.strictObject({
  v: z.literal(1),
  id: uuidSchema,
  conv: uuidSchema,
  seq: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
});
export type WakeUp = z.infer<typeof wakeUpSchema>;

/** Characters of the longest body that is looked at. */
const MAX_BODY = 1_024;

export function encodeWakeUp(wakeUp: Omit<WakeUp, "v">): string {
  return JSON.stringify({ v: 1, id: wakeUp.id, conv: wakeUp.conv, seq: wakeUp.seq } satisfies WakeUp);
}

/** Undefined for anything that is not exactly a wake-up of this version. */
export function decodeWakeUp(body: string): WakeUp | undefined {
  if (body.length > MAX_BODY) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return undefined;
  }
  return wakeUpSchema.safeParse(json).data;
}

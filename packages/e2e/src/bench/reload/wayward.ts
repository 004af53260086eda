import { z } from "zod";

/** What may be the matter with new code, and the stage of a reload at which it must be seen. */
export const faults = {
  "throws at import": "start",
  "throws at start": "start",
  "hangs at start": "start",
  "blocks its process": "start",
  "breaks the schema of a tool": "health",
  "answers calls with errors": "health",
  "does not take the sessions": "switch",
  "crashes 2 s after the switch": "probation",
} as const;
export type BadCode = keyof typeof faults;
export type Fault = BadCode | "none";

export const badCode: readonly BadCode[] = [
  "throws at import",
  "throws at start",
  "hangs at start",
  "blocks its process",
  "breaks the schema of a tool",
  "answers calls with errors",
  "does not take the sessions",
  "crashes 2 s after the switch",
];
/** These show by nothing but time: when the time for a start is over. */
export const silent: readonly Fault[] = ["hangs at start", "blocks its process", "does not take the sessions"];

export const faultSchema = z.enum([...badCode, "none"]);
export const faultFile = "wayward.json";
/** When the fault showed, in milliseconds since 1970. */
export const shownFile = "wayward.shown";

import type { Tone } from "../../ui/parts.tsx";

/** How an outcome looks; null: it is still open. */
export function outcomeTone(outcome: string | null): Tone {
  if (outcome === null) return "accent";
  return outcome === "accepted" || outcome === "enacted" ? "good" : outcome === "withdrawn" ? "soft" : "bad";
}

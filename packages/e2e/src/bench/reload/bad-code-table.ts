import type { Tried } from "./try-bad-code.ts";
import { faults } from "./wayward.ts";

const REPORT_MS = 1_000;
const longestReason = 90;

const cut = (text: string): string => (text.length <= longestReason ? text : `${text.slice(0, longestReason)}…`);

export function badCodeTable(tried: readonly Tried[]): string {
  const rows = tried.map(({ fault, stage, reason, reportedAfterMs, figures: f, sessionsLost, afterwards }) => [
    fault,
    stage ?? "not found out",
    cut(reason.split("\n")[0]?.replaceAll("|", "/") ?? ""),
    String(Math.round(reportedAfterMs)),
    String(f.calls),
    `${f.dropped} / ${f.wrong} / ${f.doubled}`,
    String(sessionsLost),
    `${f.pause.p99.toFixed(0)} / ${f.pause.max.toFixed(0)}`,
    afterwards === "" ? "at work" : afterwards,
  ]);
  const head = [
    "the new code",
    "found out at",
    "reason on record",
    "on record after, ms",
    "calls",
    "dropped / wrong / doubled",
    "sessions lost",
    "pause p99 / most, ms",
    "good code right after it",
  ];
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** What may not be. */
export function badCodeBreaches({
  fault,
  stage,
  reportedAfterMs,
  figures,
  sessionsLost,
  afterwards,
}: Tried): readonly string[] {
  const { dropped, wrong, doubled } = figures;
  return [
    ...(stage === faults[fault] ? [] : [`${fault}: found out at ${stage} instead of ${faults[fault]}`]),
    ...(reportedAfterMs < REPORT_MS ? [] : [`${fault}: on record only after ${reportedAfterMs} ms`]),
    ...(dropped + wrong + doubled === 0
      ? []
      : [`${fault}: ${dropped} dropped, ${wrong} wrong, ${doubled} doubled: ${JSON.stringify(figures.reasons)}`]),
    ...(sessionsLost === 0 ? [] : [`${fault}: ${sessionsLost} sessions lost`]),
    ...(afterwards === "" ? [] : [`${fault}: good code after it: ${afterwards}`]),
  ];
}

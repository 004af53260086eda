/** The outcomes as a table, and what cannot be said in one. */

import type { Measured, Outcome } from "./contenders.ts";
import type { Spread } from "./figures.ts";

const columns = [
  "what is replaced, and how",
  "calls",
  "reloads",
  "dropped",
  "wrong",
  "doubled",
  "sessions lost",
  "a call, p50 / p99 / most, ms",
  "a call during a reload, ms",
  "pause, ms",
  "a reload, p50 / most, s",
] as const;

export function reloadTable(outcomes: readonly Outcome[]): string {
  const lines = outcomes.map((it) => ("why" in it ? unmeasured(it.title) : row(it)));
  return [columns, columns.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

export function reloadNotes(outcomes: readonly Outcome[]): string {
  return outcomes.map((it) => ("why" in it ? `- ${it.title}: not measured; ${it.why}.` : notesOf(it))).join("\n");
}

const unmeasured = (title: string): readonly string[] => [title, ...columns.slice(1).map(() => "–")];

function row({ title, figures: f, sessionsLost }: Measured): readonly string[] {
  return [
    title,
    String(f.calls),
    f.failedReloads === 0 ? String(f.reloads) : `${f.reloads} (${f.failedReloads} failed)`,
    f.dropped === 0 ? "0" : `${f.dropped} (${f.droppedButDone} of them done)`,
    String(f.wrong),
    String(f.doubled),
    String(sessionsLost),
    spread(f.usual),
    spread(f.during),
    spread(f.pause),
    `${seconds(f.reload.p50)} / ${seconds(f.reload.max)}`,
  ];
}

function notesOf({ title, lanes, everyMs, figures, model, listChanged, subscriptionsLost }: Measured): string {
  const lines = [
    `- ${title}: a reload every ${everyMs / 1_000} s, ${figures.pause.count} calls under way during one.`,
    ...(lanes.length > 1
      ? figures.perLane.map(
          ({ lane, calls, pause, longest }) => `  - ${lane}: ${calls} calls, pause ${spread(pause)} ms (${longest})`,
        )
      : []),
    ...(model.before.length > 0
      ? [`  - model: process ${model.before.join(", ")} before, ${model.after.join(", ")} after`]
      : []),
    `  - list_changed ${listChanged}, subscriptions lost ${subscriptionsLost}`,
    ...Object.entries(figures.reasons).map(([reason, count]) => `  - ${count} times: ${reason}`),
  ];
  return lines.join("\n");
}

const ms = (value: number): string => (value < 10 ? value.toFixed(1) : value.toFixed(0));
const spread = ({ p50, p99, max }: Spread): string => `${ms(p50)} / ${ms(p99)} / ${ms(max)}`;
const seconds = (value: number): string => (value / 1_000).toFixed(1);

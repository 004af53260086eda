import type { Outcome } from "./contenders.ts";

/** What a reload of ours may not do, and did. */
export function breachesOf(outcome: Outcome): readonly string[] {
  if ("why" in outcome || (outcome.choice !== "ours" && outcome.choice !== "ours-small")) return [];
  const { choice, figures, sessionsLost, subscriptionsLost, model } = outcome;
  const counts = {
    "failed reloads": figures.failedReloads,
    "dropped calls": figures.dropped,
    "wrong answers": figures.wrong,
    "doubled effects": figures.doubled,
    "lost sessions": sessionsLost,
    "lost subscriptions": subscriptionsLost,
  };
  return [
    ...Object.entries(counts).flatMap(([what, count]) => (count === 0 ? [] : [`${choice}: ${count} ${what}`])),
    ...(model.before.join() === model.after.join() ? [] : [`${choice}: the model has another process`]),
  ];
}

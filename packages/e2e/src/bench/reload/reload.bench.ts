/**
 * What calls meet while a server is replaced under them: `pnpm bench reload [--calls N] [--reloads N] [--every MS]
 * [--only NAME[,NAME]] [--json]`.
 *
 * A real node over WebSocket, HTTP and stdio at once, its logic reloaded by signal and by tool; the same node when the
 * daemon is restarted instead; and a small stdio server under our stub, under its host, under `node --watch` and behind
 * the public tools for this, which are installed from npm for the run. All are offered the same number of calls at the
 * same pace, with the same number of reloads. Ends with 1 when a reload of ours failed, dropped, mistook or doubled a
 * call, lost a session, or cost the model its process.
 */
import { parseArgs } from "node:util";
import { breachesOf } from "./breaches.ts";
import { type Choice, choices, measure, type Outcome } from "./contenders.ts";
import { reloadNotes, reloadTable } from "./reload-table.ts";

const { values } = parseArgs({
  options: {
    calls: { type: "string", default: "10000" },
    reloads: { type: "string", default: "100" },
    every: { type: "string", default: "3000" },
    only: { type: "string", default: choices.join(",") },
    json: { type: "boolean", default: false },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const progress = (line: string): void => void process.stderr.write(`${line}\n`);

const chosen = values.only.split(",");
for (const name of chosen)
  if (!choices.some((it) => it === name)) throw new Error(`there is no ${name}; there are ${choices.join(", ")}`);

const outcomes: Outcome[] = [];
for (const choice of choices.filter((it: Choice) => chosen.includes(it))) {
  progress(choice);
  outcomes.push(
    await measure(choice, {
      calls: Number(values.calls),
      reloads: Number(values.reloads),
      everyMs: Number(values.every),
      onReload: (done, failure) => progress(`  ${done} of ${values.reloads}${failure === "" ? "" : `: ${failure}`}`),
    }),
  );
}
if (values.json) say(JSON.stringify(outcomes));
else say(`${reloadTable(outcomes)}\n\n${reloadNotes(outcomes)}`);
const breaches = outcomes.flatMap(breachesOf);
for (const breach of breaches) progress(breach);
process.exitCode = breaches.length === 0 ? 0 : 1;

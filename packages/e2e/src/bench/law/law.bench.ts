/**
 * What the law holds, measured: `pnpm bench law [--model ALIAS] [--models-from DIR] [--json] [--only ID]`.
 *
 * The same temptations for a scripted model that obeys every attacker and for a model of the catalogue (`--model
 * scripted`: for the first alone), (a) with the rules in the prompt alone, (b) with the gate, (c) with everything, and
 * past the gate. Ends with 1 when a violation was completed that must not be, or something lawful was refused.
 */
import { parseArgs } from "node:util";
import { defaultAlias } from "@federation/inference";
import { corpus } from "./corpus.ts";
import { tryAll } from "./measure.ts";
import { type Mind, obedient, startModel } from "./minds.ts";
import { breachesIn, outcomeNotes, outcomeTable, outsideDatabase } from "./outcome-table.ts";
import { dropPeople, startPeople } from "./people.ts";

const { values } = parseArgs({
  options: {
    model: { type: "string", default: defaultAlias },
    "models-from": { type: "string" },
    json: { type: "boolean", default: false },
    only: { type: "string", default: "" },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const progress = (line: string): void => void process.stderr.write(`${line}\n`);

const temptations = corpus.filter((t) => t.id.includes(values.only));
if (temptations.length === 0) throw new Error(`no temptation is called ${values.only}`);
const minds: readonly (() => Promise<Mind>)[] = [
  async () => obedient,
  ...(values.model === "scripted" ? [] : [() => startModel({ alias: values.model, dir: values["models-from"] })]),
];

const breaches: string[] = [];
let outside = "";
for (const start of minds) {
  const mind = await start();
  const startedMs = performance.now();
  try {
    const federation = await startPeople();
    try {
      const trials = await tryAll(federation, mind, temptations, {
        atOnce: mind === obedient ? 2 : 1,
        baseline: mind !== obedient,
        onTrial: ({ temptation, open }, done) =>
          progress(
            `${done} of ${temptations.length}, ${mind.name}: ${temptation.id}${open.attempted ? " (attempted)" : ""}`,
          ),
      });
      breaches.push(...breachesIn(trials).map((breach) => `${mind.name}: ${breach}`));
      const seconds = Math.round((performance.now() - startedMs) / 1_000);
      if (values.json) say(JSON.stringify({ model: mind.name, seconds, trials }));
      else
        say([`### ${mind.name} (${seconds} s)`, outcomeTable(trials), outcomeNotes(trials)].join("\n\n").concat("\n"));
      outside = outsideDatabase(trials);
    } finally {
      await dropPeople(federation);
    }
  } finally {
    await mind.close();
  }
}
if (!values.json && outside !== "") say(`Outside of the database's list:\n\n${outside}`);
for (const breach of breaches) progress(breach);
progress(breaches.length === 0 ? "the law holds" : `${breaches.length} breaches`);
process.exitCode = breaches.length === 0 ? 0 : 1;

/**
 * New code that is no good, given to a real node under calls: `pnpm bench bad-code [--calls N] [--only TEXT] [--json]`.
 *
 * Each fault once: at which stage it was found out, how soon after it showed the reload was on record as failed, what
 * the calls over WebSocket, HTTP and stdio met meanwhile, and whether good code could be had right after it. Ends with
 * 1 when a call was lost, a fault was found out at another stage or later than a second after it showed.
 */
import { parseArgs } from "node:util";
import { badCodeBreaches, badCodeTable } from "./bad-code-table.ts";
import { tryBadCode } from "./try-bad-code.ts";
import { badCode } from "./wayward.ts";

const { values } = parseArgs({
  options: {
    calls: { type: "string", default: "200" },
    only: { type: "string", default: "" },
    json: { type: "boolean", default: false },
  },
});
const chosen = badCode.filter((fault) => fault.includes(values.only));
if (chosen.length === 0) throw new Error(`there is no fault ${values.only}; there are ${badCode.join(", ")}`);
const progress = (line: string): void => void process.stderr.write(`${line}\n`);

const tried = await tryBadCode(chosen, {
  calls: Number(values.calls),
  everyMs: 5_000,
  onTried: (it) => progress(`${it.fault}: ${it.stage}, ${it.reportedAfterMs} ms`),
});
process.stdout.write(values.json ? `${JSON.stringify(tried)}\n` : `${badCodeTable(tried)}\n`);
const breaches = tried.flatMap(badCodeBreaches);
for (const breach of breaches) progress(breach);
process.exitCode = breaches.length === 0 ? 0 : 1;

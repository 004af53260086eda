/**
 * Races for a claim, 10,000 in all: `pnpm bench claim-races [--scale 0.1]`. Two, eight and sixty-four at once, over the
 * stores of two daemons and raw connections. Prints a table; ends with 1 when a race had not exactly one winner, or a
 * stale write was made.
 */
import { parseArgs } from "node:util";
import { raceTable, runClaimRaces } from "./races/claim-races.ts";

const { values } = parseArgs({ options: { scale: { type: "string", default: "1" } } });
const scale = Number(values.scale);
const plans = [
  { ways: 2, races: Math.ceil(6_000 * scale) },
  { ways: 8, races: Math.ceil(3_000 * scale) },
  { ways: 64, races: Math.ceil(1_000 * scale) },
];
const figures = await runClaimRaces(plans, (line) => process.stderr.write(`${line}\n`));
process.stdout.write(`${raceTable(figures)}\n`);
process.exitCode = figures.every((it) => it.wrong === 0 && it.staleRefused === it.staleTried) ? 0 : 1;

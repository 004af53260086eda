/** `pnpm bench [NAME] [options]`: one benchmark, or the list of them. Each file says what it measures and what it takes. */
import { fileURLToPath } from "node:url";

const folder = new URL("../packages/e2e/src/", import.meta.url);

const benches: Readonly<Record<string, { readonly file: string; readonly measures: string }>> = {
  law: {
    file: "bench/law/law.bench.ts",
    measures: "violations of the charter by a tempted model, with and without the law",
  },
  "claim-races": {
    file: "bench/claim-races.bench.ts",
    measures: "races for one claim: winners, stale writes, races a second",
  },
  conformance: {
    file: "conformance/conformance.bench.ts",
    measures: "both MCP conformance suites against a node; writes their table into docs/mcp.md",
  },
  "host-day": {
    file: "join/host-day.bench.ts",
    measures: "a day of an agent from outside, through reloads and a restart; writes its transcript into docs/mcp.md",
  },
  missions: { file: "bench/missions.bench.ts", measures: "how missions end, one mesh each" },
  "mesh-figures": {
    file: "bench/mesh-figures.bench.ts",
    measures: "time to start, CPU, memory and transactions of an idle mesh",
  },
  "observer-queries": {
    file: "bench/observer-queries.bench.ts",
    measures: "what the questions of an observer cost in a federation of 50 actors and 100,000 events",
  },
  portal: {
    file: "bench/portal/portal.bench.ts",
    measures: "the portal in a browser: event to pixel, a flood of events, a long log, first picture, bundle",
  },
  "portal-report": {
    file: "bench/portal-report/portal-report.bench.ts",
    measures: "what axe-core finds in every room, and what hostile texts come to; writes tables into docs/portal.md",
  },
  "portal-tour": {
    file: "bench/portal-tour/portal-tour.bench.ts",
    measures: "nothing: takes the pictures of the portal for README and docs while a real model does a mission",
  },
  reload: {
    file: "bench/reload/reload.bench.ts",
    measures:
      "calls dropped, wrong and doubled while a node's logic is replaced, beside other ways to replace a server",
  },
  "bad-code": {
    file: "bench/reload/bad-code.bench.ts",
    measures: "how soon new code that is no good is found out and taken back, and what calls meet meanwhile",
  },
  "event-watch": {
    file: "mesh/event-watch.bench.ts",
    measures: "how soon a watcher of the log is told of what another node did, and what watching costs",
  },
  "round-trip": { file: "mesh/round-trip.bench.ts", measures: "a message's time from accepted to acted" },
};

const [name = "", ...rest] = process.argv.slice(2);
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (bench === undefined) {
  const width = Math.max(...Object.keys(benches).map((it) => it.length));
  const lines = Object.entries(benches).map(([it, { measures }]) => `  ${it.padEnd(width)}  ${measures}`);
  process.stderr.write(
    `${name === "" ? "" : `There is no benchmark ${name}. `}pnpm bench NAME [options]\n${lines.join("\n")}\n`,
  );
  process.exitCode = name === "" ? 0 : 1;
} else {
  const file = new URL(bench.file, folder);
  process.argv = [process.argv[0] ?? "node", fileURLToPath(file), ...rest];
  await import(file.href);
}

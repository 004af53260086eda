/**
 * How the portal keeps up, in a real browser at a real daemon: `pnpm bench portal [--quick] [--runs N] [--only PART[,PART]]
 * [--json]`. Parts: pixels, mesh, flood, scroll, pictures, rooms; the bundle is always weighed.
 *
 * The page is the built one, served by the commander's `federationd` and let in by a ticket. Real: daemon, PostgreSQL,
 * broker, browser, and messages of two nodes at 50 a second. Synthetic, put in by the database's owner: 46 of the 50
 * actors, 100,000 events of history with what belongs to them, and the other 950 of the 1,000 events a second. A full run
 * takes a quarter of an hour and writes its tables into docs/portal.md. What misses its bar is profiled, and ends it with 1.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { withSection } from "../../docs/written-section.ts";
import { repository } from "../../join/testing/join-node.ts";
import { launchBrowser } from "../../portal/testing/browser.ts";
import { builtFiles, servedFolder } from "../../portal/testing/built-page.ts";
import type { Portal } from "../../portal/testing/portal.ts";
import { type BenchMesh, startBenchMesh } from "./bench-mesh.ts";
import { type BenchPage, type BenchPageOptions, openBenchPage } from "./bench-page.ts";
import { putLoad } from "./load.ts";
import { clocksApart, measureFlood, measurePixels } from "./measure-live.ts";
import { measureScroll } from "./measure-scroll.ts";
import { measureFirstPicture, measureRooms } from "./measure-visits.ts";
import { type ProfileLine, profile } from "./profile.ts";
import { breachesOf, fullText, linesOf, misses, type Report } from "./report.ts";

const parts = ["pixels", "mesh", "flood", "scroll", "pictures", "rooms"] as const;
const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    runs: { type: "string", default: "3" },
    only: { type: "string", default: parts.join(",") },
    json: { type: "boolean", default: false },
  },
});
const quick = values.quick;
const runs = quick ? 1 : Number(values.runs);
const chosen = new Set(values.only.split(","));
for (const name of chosen)
  if (!parts.some((it) => it === name)) throw new Error(`there is no part ${name}; there are ${parts.join(", ")}`);
const complete = !quick && parts.every((it) => chosen.has(it));
const seconds = quick ? { pixels: 10, flood: 5 } : { pixels: 20, flood: 10 };
const pace = { messages: 50, rows: 950 };
const profiledSeconds = 10;
const pictures = quick ? 3 : 10;
const visits = quick ? 2 : 3;

const progress = (line: string): void => void process.stderr.write(`${line}\n`);
const faults: string[] = [];

const browser = await launchBrowser();
const [cpu] = cpus();
const machine = (server: string): string =>
  [
    `${cpus().length} processors (${cpu?.model ?? "unknown"})`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `Node ${process.versions.node}`,
    `Chromium ${browser.version()}`,
    `${server}; load average at the start ${loadavg()[0]?.toFixed(1)}.`,
  ].join(", ");

let report: Report = {
  machine: "",
  command: ["pnpm bench portal", ...process.argv.slice(2)].join(" "),
  seconds,
  bundle: [],
  profiles: {},
};
const note = (found: Partial<Report>): void => {
  report = { ...report, ...found };
};

/** The page is closed, and what it complained of is kept. */
async function withPage<T>(
  mesh: BenchMesh,
  work: (page: BenchPage) => Promise<T>,
  options: BenchPageOptions = {},
): Promise<T> {
  const page = await openBenchPage(browser, mesh, options);
  try {
    return await work(page);
  } finally {
    faults.push(...page.portal.faults);
    await page.close();
    await mesh.tidy();
  }
}

async function repeat<T>(what: string, work: () => Promise<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for (let run = 1; run <= runs; run++) {
    progress(`${what}, run ${run} of ${runs}`);
    found.push(await work());
  }
  return found;
}

async function measureLarge(mesh: BenchMesh): Promise<void> {
  const pixels = (room: "timeline" | "mesh") =>
    repeat(`50 events a second, ${room}`, () =>
      withPage(mesh, (page) => measurePixels(mesh, page, { room, seconds: seconds.pixels, perSecond: 50 }), {
        // All of what happens now is to be in view.
        ...(room === "mesh" ? { height: 2_400 } : {}),
      }),
    );
  // First of all what the log's length matters to: later parts make it longer.
  if (chosen.has("scroll")) {
    progress("100,000 events scrolled");
    note({ scroll: await withPage(mesh, (page) => measureScroll(mesh, page)) });
  }
  if (chosen.has("rooms")) {
    progress("rooms");
    note({ rooms: await withPage(mesh, (page) => measureRooms(page, visits)) });
  }
  if (chosen.has("pictures")) {
    progress("first pictures, 50 actors");
    note({ largePicture: await measureFirstPicture(browser, mesh, pictures) });
  }
  if (chosen.has("pixels")) note({ timeline: await pixels("timeline") });
  if (chosen.has("mesh")) note({ mesh: await pixels("mesh") });
  if (chosen.has("flood"))
    note({
      flood: await repeat("1,000 events a second", () =>
        withPage(mesh, (page) => measureFlood(mesh, page, { seconds: seconds.flood, ...pace })),
      ),
    });
  note({ clocksApartMs: await withPage(mesh, (page) => clocksApart(mesh, page)) });
  await profileWhatMissed(mesh);
}

async function profileWhatMissed(mesh: BenchMesh): Promise<void> {
  const missed = linesOf(report).filter(misses);
  const asked: readonly (readonly [what: string, work: (page: BenchPage) => Promise<unknown>])[] = [
    ["event to pixel", () => putLoad(mesh, { seconds: profiledSeconds, messages: 50 })],
    ["1,000 events/s", () => putLoad(mesh, { seconds: profiledSeconds, ...pace })],
    ["100,000 events scrolled", (page) => measureScroll(mesh, page)],
    ["first picture", ({ portal }) => openMesh(portal)],
  ];
  const profiles: Record<string, readonly ProfileLine[]> = {};
  for (const [what, work] of asked) {
    if (!missed.some((it) => it.what.startsWith(what))) continue;
    progress(`profile: ${what}`);
    profiles[what] = await withPage(mesh, async (page) => {
      await page.portal.go("#/timeline");
      await page.portal.page.locator(".event-row").first().waitFor();
      return await profile(page.cdp, () => work(page));
    });
  }
  note({ profiles });
}

async function openMesh({ page, go }: Portal): Promise<void> {
  await go("#/mesh");
  await page.reload();
  await page.locator(".mesh-picture [data-actor]").first().waitFor();
}

async function withMesh(size: "small" | "long-lived", work: (mesh: BenchMesh) => Promise<void>): Promise<void> {
  const mesh = await startBenchMesh({ size });
  try {
    const bundle = builtFiles(servedFolder).map(({ name, bytes, gzipBytes }) => ({ name, bytes, gzipBytes }));
    note({ machine: machine(mesh.node.server), bundle });
    await work(mesh);
  } finally {
    await mesh.close();
  }
}

try {
  await measureAll();
} finally {
  await browser.close();
}

async function measureAll(): Promise<void> {
  if (chosen.has("pictures"))
    await withMesh("small", async (mesh) => {
      progress("first pictures, 4 actors");
      note({ smallPicture: await measureFirstPicture(browser, mesh, pictures) });
    });
  await withMesh("long-lived", measureLarge);
}

if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
else process.stdout.write(`${fullText(report)}\n`);
if (complete) {
  const docs = path.join(repository, "docs/portal.md");
  writeFileSync(docs, withSection(readFileSync(docs, "utf8"), "portal", fullText(report)));
}
const breaches = [...breachesOf(report), ...faults.map((it) => `the page complained: ${it}`)];
for (const breach of breaches) progress(breach);
process.exitCode = breaches.length === 0 ? 0 : 1;

/** Everything that is measured against the same calls: what it is, on which server, over which lanes. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Figures, figuresOf } from "./figures.ts";
import type { Lane } from "./host.ts";
import { startReloadedNode, startRestartedNode } from "./node-contenders.ts";
import { installNpmTool } from "./npm-tool.ts";
import { type Contender, type Offer, offerCalls } from "./offer-calls.ts";
import { type SmallPlace, type SmallReloader, startSmallContender } from "./small-contender.ts";
import { byHost, byMcpmon, byNodemon, byNodeWatch, byReloaderoo, byStub } from "./small-reloaders.ts";

export const choices = [
  "ours",
  "plain",
  "ours-small",
  "plain-small",
  "node-watch",
  "nodemon",
  "mcpmon",
  "reloaderoo",
] as const;
export type Choice = (typeof choices)[number];

export interface Measured {
  readonly choice: Choice;
  readonly title: string;
  readonly lanes: readonly string[];
  readonly everyMs: number;
  readonly figures: Figures;
  readonly sessionsLost: number;
  readonly subscriptionsLost: number;
  readonly listChanged: number;
  /** Process ids of the model's worker, before and after; none where there is no model. */
  readonly model: { readonly before: readonly number[]; readonly after: readonly number[] };
}

export interface NotMeasured {
  readonly choice: Choice;
  readonly title: string;
  readonly why: string;
}

export type Outcome = Measured | NotMeasured;

const titles: Readonly<Record<Choice, string>> = {
  ours: "a node, its logic reloaded",
  plain: "the same node, the daemon restarted, no stub",
  "ours-small": "small server, our stub and substrate",
  "plain-small": "small server, restarted by its host",
  "node-watch": "small server under `node --watch`",
  nodemon: "small server under `nodemon`",
  mcpmon: "small server behind `mcpmon`",
  reloaderoo: "small server behind `reloaderoo`",
};

/** The public tools from npm, in the newest version that could be had or whose source could be read. */
const published = {
  nodemon: { version: "3.1.14", by: byNodemon },
  mcpmon: { version: "0.3.0", by: byMcpmon },
  reloaderoo: { version: "1.1.4", by: byReloaderoo },
};
type Tool = keyof typeof published;
const isTool = (choice: Choice): choice is Tool => choice in published;

type Started = Contender & {
  close(): Promise<void>;
  readonly node?: { modelPids(): Promise<readonly number[]> };
};

export async function measure(choice: Choice, offer: Offer): Promise<Outcome> {
  if (isTool(choice)) return await measureTool(choice, offer);
  return await measureStarted(choice, titles[choice], offer, starters[choice]);
}

const small = (by: (place: SmallPlace) => SmallReloader) => () => startSmallContender(by);

const starters: Readonly<Record<Exclude<Choice, Tool>, () => Promise<Started>>> = {
  ours: startReloadedNode,
  plain: startRestartedNode,
  "ours-small": () => startSmallContender(byStub),
  "plain-small": small(byHost),
  "node-watch": small(byNodeWatch),
};

async function measureTool(choice: Tool, offer: Offer): Promise<Outcome> {
  const { version, by } = published[choice];
  const dir = await mkdtemp(path.join(tmpdir(), "fed-tool-"));
  try {
    const tool = await installNpmTool(choice, version, dir);
    if (tool.state === "unavailable")
      return { choice, title: titles[choice], why: `npm could not install ${choice}@${version}: ${tool.why}` };
    const title = `${titles[choice]} ${tool.version} (${tool.licence})`;
    return await measureStarted(choice, title, offer, small(by(tool.program)));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function measureStarted(
  choice: Choice,
  title: string,
  offer: Offer,
  start: () => Promise<Started>,
): Promise<Measured> {
  const contender = await start();
  try {
    const pids = async () => (await contender.node?.modelPids()) ?? [];
    const before = await pids();
    const { calls, reloads, effects } = await offerCalls(contender, offer);
    const after = await pids();
    const total = (of: (counters: Lane["counters"]) => number): number =>
      contender.lanes.reduce((sum, lane) => sum + of(lane.counters), 0);
    return {
      choice,
      title,
      lanes: contender.lanes.map(({ name }) => name),
      everyMs: offer.everyMs,
      figures: figuresOf(calls, reloads, effects),
      sessionsLost: total((it) => it.sessionsLost),
      subscriptionsLost: total((it) => it.subscriptionsLost),
      listChanged: total((it) => it.listChanged),
      model: { before, after },
    };
  } finally {
    await contender.close();
  }
}

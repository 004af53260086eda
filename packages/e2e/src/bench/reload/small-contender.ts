/** The small server behind whatever replaces it, as a contender. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Effects } from "./figures.ts";
import { type Lane, type OpenHostSession, openLane } from "./host.ts";
import type { Contender, PlannedCall } from "./offer-calls.ts";
import { type SmallServer, writeServerFile } from "./small-server.ts";

/** A way to have the small server replaced. */
export interface SmallReloader {
  /** What asks for it. */
  readonly trigger: string;
  /** Starts what the host starts. */
  readonly open: OpenHostSession;
  /** The new code is in place; gets it to work, where the changed file alone does not. */
  readonly replace: (lane: Lane) => Promise<void>;
  readonly close?: () => Promise<void>;
}

/** The folder of one contender: the server's file, and what it left. */
export interface SmallPlace {
  readonly dir: string;
  readonly serverFile: string;
  readonly server: SmallServer;
}

export interface SmallContender extends Contender {
  close(): Promise<void>;
}

const NEW_CODE_MS = 30_000;
const PROBE_MS = 1_000;
const versionSchema = z.object({ version: z.int() });
const echoSchema = z.object({ id: z.string(), text: z.string() });

export async function startSmallContender(
  start: (place: SmallPlace) => SmallReloader | Promise<SmallReloader>,
): Promise<SmallContender> {
  const dir = await mkdtemp(path.join(tmpdir(), "fed-small-"));
  const place = {
    dir,
    serverFile: path.join(dir, "server.mjs"),
    server: { effectsFile: path.join(dir, "effects"), version: 1 },
  };
  await writeFile(place.server.effectsFile, "");
  await writeServerFile(place.serverFile, place.server);
  let reloader: SmallReloader | undefined;
  try {
    const started = await start(place);
    reloader = started;
    const lane = await openLane("stdio", started.open);
    return {
      lanes: [lane],
      plan: (_lane, turn) => echoCall(turn),
      async reload(turn) {
        const version = turn + 2;
        await writeServerFile(place.serverFile, { ...place.server, version });
        try {
          await started.replace(lane);
          await untilVersion(lane, version);
          return { trigger: started.trigger, failure: "" };
        } catch (error) {
          return { trigger: started.trigger, failure: error instanceof Error ? error.message : String(error) };
        }
      },
      effects: () => effectsIn(place.server.effectsFile),
      async close() {
        await lane.close();
        await started.close?.();
        await rm(dir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await reloader?.close?.();
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

function echoCall(turn: number): PlannedCall {
  const id = `call-${turn}`;
  const text = `text ${turn}`;
  return {
    tool: "echo",
    arguments: { id, text },
    callId: id,
    mistake(structured) {
      const { data } = echoSchema.safeParse(structured);
      return data?.id === id && data.text === text ? undefined : "another's answer, or of no known shape";
    },
    effect: { key: id, idIn: () => undefined },
  };
}

/** Asks which code answers, again and again: a question may go down with the old one. */
async function untilVersion(lane: Lane, version: number): Promise<void> {
  const endMs = performance.now() + NEW_CODE_MS;
  while (performance.now() < endMs) {
    const asked = lane.call({ tool: "version", arguments: {} }).then(
      ({ structured }) => versionSchema.safeParse(structured).data?.version,
      () => undefined,
    );
    if ((await Promise.race([asked, sleep(PROBE_MS, undefined)])) === version) return;
    await sleep(20);
  }
  throw new Error(`the new code does not answer after ${NEW_CODE_MS / 1_000} s`);
}

async function effectsIn(file: string): Promise<Effects> {
  const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
  const effects = new Map<string, string[]>();
  for (const [index, line] of lines.entries()) effects.set(line, [...(effects.get(line) ?? []), String(index)]);
  return effects;
}

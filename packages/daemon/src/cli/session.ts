/**
 * One run of the command line program against a node: where to, how to print, and when to stop.
 *
 * 1. Standard output has answers only, one line of JSON each with `--json`; everything else goes to standard error.
 * 2. An interrupt ends waiting at once; the program says nothing more and ends with its own exit code.
 */
import { join } from "node:path";
import { type ErrorCode, MeshError } from "@federation/core";
import { type ControlClient, type ControlStatus, connectControl, followEvents } from "@federation/mcp/client";
import type { CliEnvironment } from "../config/cli-env.ts";
import type { OpenLink } from "../portal/open-link.ts";
import type { HostStreams } from "../stub/host-pipe.ts";
import { createTimeline } from "../timeline/create-timeline.ts";
import { plainText } from "../timeline/plain-text.ts";
import { type CliExitCode, cliExitCodes } from "./exit-codes.ts";
import { findNode, readToken } from "./find-node.ts";
import { createPaper, type Paper } from "./paper.ts";
import type { Follow } from "./way.ts";

export interface Terminal {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly columns: number | undefined;
}

/** Everything of the outside that the program touches. */
export interface CliWorld {
  readonly environment: CliEnvironment;
  /** The state folder of `dev`. */
  readonly stateFolder: string;
  readonly out: Terminal;
  readonly err: Terminal;
  /** All of standard input. */
  readInput(): Promise<string>;
  /** Standard input and output themselves, for a program that holds a conversation over them. */
  hostStreams(): HostStreams;
  /** Opens a link that is a secret in the person's browser. */
  readonly openLink: OpenLink;
  /** Aborts on SIGINT and SIGTERM. */
  readonly interrupted: AbortSignal;
}

export interface GlobalFlags {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly config?: string;
  readonly json: boolean;
  readonly color: boolean;
  readonly callId?: string;
  /** Seconds. */
  readonly timeout?: string;
}

export interface CliSession {
  readonly world: CliWorld;
  readonly flags: GlobalFlags;
  readonly paper: Paper;
  /** One answer: a line of JSON, or what `human` makes of it. */
  print(data: unknown, human: (paper: Paper) => string): void;
  say(text: string): void;
  /** Connects, hands over, and closes whatever happens. */
  withNode<T>(use: (client: ControlClient) => Promise<T>): Promise<T>;
  /** Learns the colours of actors, for a timeline that is drawn in colour; it is drawn without where that takes long. */
  knowActors(client: ControlClient): Promise<void>;
  follow(client: ControlClient, what: Follow): Promise<CliExitCode>;
  readonly callOptions: { readonly callId?: string; readonly timeoutMs?: number; readonly signal: AbortSignal };
}

/** How long a timeline waits for the colours of its actors. */
const rosterMs = 1_000;

export function createSession(world: CliWorld, flags: GlobalFlags): CliSession {
  const { out, err, environment, interrupted } = world;
  const colours = flags.color && !environment.noColour && out.isTerminal;
  const paper = createPaper({ colours, columns: out.isTerminal ? out.columns : undefined });
  const timeoutMs = timeoutOf(flags.timeout);
  const line = (text: string): void => out.write(`${text}\n`);
  const say = (text: string): void => err.write(`${plainText(text)}\n`);

  async function withNode<T>(use: (client: ControlClient) => Promise<T>): Promise<T> {
    const { url, tokenFile } = findNode(flags, environment, join(world.stateFolder, "commander"));
    const client = await connectControl({
      url,
      token: readToken(tokenFile),
      program: "federation-cli",
      insecure: environment.insecure,
      onStatus: tellOutages(say),
      signal: interrupted,
    });
    try {
      return await use(client);
    } finally {
      await client.close();
    }
  }

  async function knowActors(client: ControlClient): Promise<void> {
    if (!colours || flags.json) return;
    const options = { signal: interrupted, timeoutMs: Math.min(rosterMs, timeoutMs ?? rosterMs) };
    const { actors } = await client.call("ListRoster", {}, options).catch(() => ({ actors: [] }));
    for (const { actor, ordinal } of actors) paper.ordinals.set(actor, ordinal);
  }

  async function follow(client: ControlClient, what: Follow): Promise<CliExitCode> {
    await knowActors(client);
    const { columns, ordinals } = paper;
    const timeline = createTimeline({ colours, columns, details: what.details, ordinals });
    const { untilClosed, details: _, ...from } = what;
    for await (const event of followEvents(client, { ...from, signal: interrupted })) {
      if (event.kind === "ActorAdded") await knowActors(client);
      const text = flags.json ? jsonLine(event) : timeline.line(event);
      if (text !== undefined) line(text);
      if (untilClosed && event.kind === "MissionClosed") {
        return event.data["outcome"] === "accepted" ? cliExitCodes.ok : cliExitCodes.failed;
      }
    }
    return cliExitCodes.interrupted;
  }

  return {
    world,
    flags,
    paper,
    print: (data, human) => line(flags.json ? jsonLine(data) : human(paper)),
    say,
    withNode,
    knowActors,
    follow,
    callOptions: {
      signal: interrupted,
      ...(flags.callId === undefined ? {} : { callId: flags.callId }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    },
  };
}

/** What went wrong, on standard error, with `--json` as a line of JSON too. */
export function tellError(world: CliWorld, json: boolean, error: MeshError): void {
  const { code, message, details } = error;
  if (json) {
    world.err.write(`${jsonLine({ error: { code, message, details } })}\n`);
    return;
  }
  world.err.write(`federation: ${plainText(message)}${hint(code)}\n`);
}

/** JSON that a terminal shows and does not obey: what JSON leaves raw but a terminal may act on is escaped. */
export function jsonLine(value: unknown): string {
  return (JSON.stringify(value) ?? "null").replace(
    /[\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function hint(code: ErrorCode): string {
  return code === "unauthenticated" ? "\nA node's token lies in secrets/token of its join folder." : "";
}

function timeoutOf(seconds: string | undefined): number | undefined {
  if (seconds === undefined) return undefined;
  const value = Number(seconds);
  if (value > 0 && value <= 86_400) return value * 1000;
  throw new MeshError("invalid_input", `--timeout takes seconds, up to 86400, not "${seconds}".`);
}

/** Says when the node is lost and found again; the first connection and the last closing go without saying. */
function tellOutages(say: (text: string) => void): (status: ControlStatus) => void {
  let lost = false;
  return (status) => {
    if (status.state === "connecting" && status.lastError !== undefined && !lost) {
      lost = true;
      say("The node is away; waiting for it to come back.");
    } else if (status.state === "connected" && lost) {
      lost = false;
      say("The node is back.");
    }
  };
}

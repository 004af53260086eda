/** One way from the command line to one entry of the control list. */
import { type ControlName, type ControlResponse, control, type EventFilter } from "@federation/core";
import type { CallOptions, ControlArguments, ControlClient } from "@federation/mcp/client";
import type { Given } from "./given.ts";
import type { Paper } from "./paper.ts";

/** Flags as commander writes them, and what they mean. A third `many` lets the option be repeated. */
export type WayOption = readonly [flags: string, description: string, repeat?: "many"];

/** Events to follow, from the command line on. */
export interface Follow extends EventFilter {
  readonly after?: string | undefined;
  /** End with the mission; otherwise only an interrupt ends it. */
  readonly untilClosed: boolean;
  readonly details: boolean;
}

export interface Answer {
  /** The response as the node gave it, for `--json`. */
  readonly data: unknown;
  /** For people. */
  readonly text: (paper: Paper) => string;
  /** The answer says that what was asked for did not happen. */
  readonly failed: boolean;
  /** What to follow after it. */
  readonly follow: Follow | undefined;
}

export interface Way {
  readonly control: ControlName;
  readonly kind: "command" | "query";
  /** `["mission", "start"]` */
  readonly path: readonly string[];
  /** What follows the path, in commander's syntax. */
  readonly params: readonly string[];
  readonly options: readonly WayOption[];
  readonly doc: string;
  /** Events to follow instead of asking once. */
  follow(client: ControlClient, given: Given): Promise<Follow | undefined>;
  ask(client: ControlClient, given: Given, options: CallOptions): Promise<Answer>;
}

export interface WaySpec<N extends ControlName> {
  readonly options?: readonly WayOption[];
  readonly request: (given: Given, client: ControlClient) => ControlArguments<N> | Promise<ControlArguments<N>>;
  readonly show: (paper: Paper, answer: ControlResponse<N>, given: Given) => string;
  readonly follow?: (given: Given, client: ControlClient) => Promise<Follow> | undefined;
  readonly followAfter?: (given: Given, answer: ControlResponse<N>) => Follow | undefined;
  readonly doc?: string;
  readonly failed?: (answer: ControlResponse<N>) => boolean;
}

/** @param syntax path and parameters: `"mission start <objective...>"`. */
export function way<N extends ControlName>(name: N, syntax: string, spec: WaySpec<N>): Way {
  const words = syntax.split(" ");
  const params = words.filter((word) => /^[<[]/.test(word));
  const entry = control[name];
  return {
    control: name,
    kind: entry.kind,
    path: words.slice(0, words.length - params.length),
    params,
    options: spec.options ?? [],
    doc: spec.doc ?? entry.doc,
    follow: async (client, given) => spec.follow?.(given, client),
    async ask(client, given, options) {
      const answer = await client.call(name, await spec.request(given, client), options);
      return {
        data: answer,
        text: (paper) => spec.show(paper, answer, given),
        failed: spec.failed?.(answer) ?? false,
        follow: spec.followAfter?.(given, answer),
      };
    },
  };
}

/** Federation: Let the Assistant Join, and Leave. */
import { setTimeout as sleep } from "node:timers/promises";
import { actorNameSchema } from "@federation/core";
import * as vscode from "vscode";
import { askWords, choose, tellEnd } from "../app/ask.ts";
import type { Connected } from "../app/connection.ts";
import { keptAssistantKey } from "../app/kept.ts";
import { setContext } from "../app/shown.ts";
import { tell } from "../app/tell.ts";
import {
  type Assistant,
  type AssistantRole,
  assistantRoles,
  assistantSchema,
  assistantSecret,
  letJoin,
  letLeave,
} from "../assistant/assistant.ts";
import { httpUrl, sameWay, type Way, wayText } from "../finding/way.ts";
import { endOf } from "../inbox/give-command.ts";
import type { Session } from "../session/session.ts";

export interface AssistantOptions {
  readonly context: vscode.ExtensionContext;
  readonly at: () => Connected | undefined;
  /** Address of a way, now. */
  readonly urlOf: (way: Way) => Promise<string>;
  readonly openRoute: (route: string) => void;
  readonly changed: vscode.EventEmitter<void>;
}

/** A node takes a moment to notice that a client over HTTP has left. */
const goneWithinMs = 8_000;

const roleDetails: Readonly<Record<AssistantRole, string>> = {
  developer: "It may claim tasks and hand in results.",
  analyst: "It may criticise and review.",
  observer: "It may look, and do nothing.",
};

export function createAssistant({ context, at, urlOf, openRoute, changed }: AssistantOptions) {
  const { workspaceState, secrets } = context;
  const current = (): Assistant | undefined => assistantSchema.safeParse(workspaceState.get(keptAssistantKey)).data;
  /** While it is let go the editor is to end its connection before the node does, and not to ask how to log in. */
  let leaving = false;
  const version: unknown = Reflect.get(Object(context.extension.packageJSON), "version");

  const keep = (assistant: Assistant | undefined): PromiseLike<void> =>
    workspaceState.update(keptAssistantKey, assistant);

  /** The editor's registry asks again. */
  function announce(): void {
    setContext("assistant", current() !== undefined);
    changed.fire();
  }

  async function forget(assistant: Assistant): Promise<void> {
    await secrets.delete(assistantSecret(assistant));
    await keep(undefined);
  }

  /** At another node its token cannot be ended. @returns whether it is forgotten. */
  async function letElsewhere({ way }: Connected, assistant: Assistant): Promise<boolean> {
    const there = wayText(assistant.way);
    const forgetIt = "Forget It Here";
    const chosen = await tell.warning(
      `${assistant.actor} was let in at ${there}, and this editor is connected to ${wayText(way)}. Connect to ${there} to end its token: forgotten here, the token stays good there until somebody revokes it.`,
      forgetIt,
    );
    if (chosen !== forgetIt) return false;
    await forget(assistant);
    announce();
    return true;
  }

  /** Ends the editor's connection, and then the token. @returns whether it came about; what did not is told. */
  async function letGo(connected: Connected, assistant: Assistant, retire: boolean): Promise<boolean> {
    if (!sameWay(connected.way, assistant.way)) return await letElsewhere(connected, assistant);
    const { session } = connected;
    leaving = true;
    try {
      const gone = untilGone(session, assistant.actor);
      changed.fire();
      await gone;
      const end = await endOf(() => letLeave(session.call, secrets, assistant, retire));
      // What the node no longer knows is over, too.
      const over = end.end === "done" || (end.end === "failed" && end.error.code === "not_found");
      if (over) await forget(assistant);
      else void tellEnd(end, openRoute);
      return over;
    } finally {
      leaving = false;
      announce();
    }
  }

  return {
    /** What the editor's registry is told: where it is, and no secret. */
    servers(): vscode.McpHttpServerDefinition[] {
      const assistant = current();
      if (assistant === undefined || leaving) return [];
      // Where it is now is found out when it is started: a local mesh has another port each time.
      const uri = vscode.Uri.parse(httpUrl(assistant.url), true);
      const label = `Federation (${assistant.actor})`;
      return [new vscode.McpHttpServerDefinition(label, uri, {}, typeof version === "string" ? version : "0")];
    },

    /** @throws an error that says what a person does. */
    async resolve(server: vscode.McpServerDefinition): Promise<vscode.McpServerDefinition> {
      const assistant = current();
      if (assistant === undefined || !(server instanceof vscode.McpHttpServerDefinition))
        throw new Error("No assistant was let into this workspace; run “Federation: Let the Assistant Join”.");
      const token = await secrets.get(assistantSecret(assistant));
      if (token === undefined)
        throw new Error(`The token of ${assistant.actor} is not here; run “Federation: Let the Assistant Join” again.`);
      // Its token is its own: the person's may be forgotten.
      const url = await urlOf(assistant.way);
      server.uri = vscode.Uri.parse(httpUrl(url), true);
      server.headers = { Authorization: `Bearer ${token}` };
      return server;
    },

    begin: () => setContext("assistant", current() !== undefined),

    async letAssistantJoin(): Promise<void> {
      const connected = at();
      if (connected === undefined) return;
      const { session, way } = connected;
      const before = current();
      const { actors } = await session.call("ListRoster", {});
      const actor = await askWords({
        title: "Let the Assistant Join",
        prompt: "Under which name? It joins as an actor from outside, with a token of its own.",
        needed: true,
        value: before?.actor ?? "vscode-assistant",
        problem(name) {
          const parsed = actorNameSchema.safeParse(name);
          if (!parsed.success) return "A name has lower-case letters, digits and hyphens only.";
          const there = actors.find((it) => it.actor === name);
          return there !== undefined && there.kind !== "external"
            ? `${name} is a ${there.kind} of the mesh.`
            : undefined;
        },
      });
      if (actor === undefined) return;
      const there = actors.find((it) => it.actor === actor);
      const known = assistantRoles.find((it) => it === there?.role);
      const role =
        known ??
        (await choose<AssistantRole>(
          `What may ${actor} do?`,
          assistantRoles.map((it) => ({ label: it, detail: roleDetails[it], value: it })),
        ));
      if (role === undefined) return;
      if (before !== undefined && !(await letGo(connected, before, false))) return;
      const end = await endOf(async () => {
        const url = await urlOf(way);
        await letJoin(session.call, secrets, { actor, role, way, url, known: known !== undefined }, keep);
      });
      announce();
      if (end.end !== "done") return await tellEnd(end, openRoute);
      void tell.info(`${actor} may join as ${role}: “MCP: List Servers” has it, and the editor's assistant its tools.`);
    },

    async letAssistantLeave(): Promise<void> {
      const connected = at();
      const assistant = current();
      if (connected === undefined || assistant === undefined) return;
      const { actor } = assistant;
      const endToken = "End Its Token";
      const retire = "Retire It for Good";
      const chosen = await tell.modal(
        `Let ${actor} leave?`,
        "Its token ends at once, and its connections are closed. Retired, it loses its claims too, and its name is not given again.",
        endToken,
        retire,
      );
      if (chosen === undefined) return;
      await letGo(connected, assistant, chosen === retire);
    },
  };
}

/** Until nobody hosts an actor; at once when nobody does. What never ends is not waited for. */
async function untilGone(session: Session, actor: string): Promise<void> {
  const hosted = session.known.roster.answer()?.actors.find((it) => it.actor === actor)?.host ?? null;
  if (hosted === null) return;
  const late = new AbortController();
  const gone = Promise.withResolvers<void>();
  const deaf = session.onEvent((event) => {
    if (event.kind === "HostingEnded" && event.actor === actor) gone.resolve();
  });
  await Promise.race([gone.promise, sleep(goneWithinMs, undefined, { signal: late.signal }).catch(() => {})]);
  late.abort();
  deaf();
}

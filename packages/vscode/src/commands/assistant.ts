/** Federation: Let the Assistant Join, and Leave. */
import { actorNameSchema } from "@federation/core";
import * as vscode from "vscode";
import { askWords, choose, tellEnd } from "../app/ask.ts";
import type { Connected } from "../app/connection.ts";
import { keptAssistantKey } from "../app/kept.ts";
import { setContext } from "../app/shown.ts";
import {
  type Assistant,
  type AssistantRole,
  assistantRoles,
  assistantSchema,
  assistantSecret,
  letJoin,
  letLeave,
} from "../assistant/assistant.ts";
import { type Address, httpUrl, type Way } from "../finding/way.ts";
import { endOf } from "../inbox/give-command.ts";

export interface AssistantOptions {
  readonly context: vscode.ExtensionContext;
  readonly at: () => Connected | undefined;
  /** Address of a way, now. */
  readonly open: (way: Way) => Promise<Address>;
  readonly openRoute: (route: string) => void;
  readonly changed: vscode.EventEmitter<void>;
}

const roleDetails: Readonly<Record<AssistantRole, string>> = {
  developer: "It may claim tasks and hand in results.",
  analyst: "It may criticise and review.",
  observer: "It may look, and do nothing.",
};

export function createAssistant({ context, at, open, openRoute, changed }: AssistantOptions) {
  const { workspaceState, secrets } = context;
  const current = (): Assistant | undefined => assistantSchema.safeParse(workspaceState.get(keptAssistantKey)).data;
  const version: unknown = Reflect.get(Object(context.extension.packageJSON), "version");

  async function keep(assistant: Assistant | undefined): Promise<void> {
    await workspaceState.update(keptAssistantKey, assistant);
    setContext("assistant", assistant !== undefined);
    changed.fire();
  }

  return {
    /** What the editor's registry is told: where it is, and no secret. */
    servers(): vscode.McpHttpServerDefinition[] {
      const assistant = current();
      if (assistant === undefined) return [];
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
      const { url } = await open(assistant.way);
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
      const end = await endOf(async () => {
        const { url } = await open(way);
        const joined = await letJoin(session.call, secrets, { actor, role, way, url, known: known !== undefined });
        await keep(joined);
        if (before !== undefined) await letLeave(session.call, secrets, before, false);
      });
      if (end.end !== "done") return await tellEnd(end, openRoute);
      void vscode.window.showInformationMessage(
        `${actor} may join as ${role}: “MCP: List Servers” has it, and the editor's assistant its tools.`,
      );
    },

    async letAssistantLeave(): Promise<void> {
      const connected = at();
      const assistant = current();
      if (connected === undefined || assistant === undefined) return;
      const { actor } = assistant;
      const endToken = "End Its Token";
      const retire = "Retire It for Good";
      const chosen = await vscode.window.showWarningMessage(
        `Let ${actor} leave?`,
        {
          modal: true,
          detail:
            "Its token ends at once, and its connections are closed. Retired, it loses its claims too, and its name is not given again.",
        },
        endToken,
        retire,
      );
      if (chosen === undefined) return;
      const end = await endOf(() => letLeave(connected.session.call, secrets, assistant, chosen === retire));
      // What the node no longer knows is over, too.
      if (end.end === "failed" && end.error.code !== "not_found") return await tellEnd(end, openRoute);
      if (end.end === "refused") return await tellEnd(end, openRoute);
      await secrets.delete(assistantSecret(assistant));
      await keep(undefined);
    },
  };
}

import { type ControlName, type ControlResponse, control, MeshError, type ScopeName, scopeOf } from "@federation/core";
import type { BrokerStatus, ControlCaller, ControlService } from "../ports/index.ts";
import { approvalHandlers } from "./approval-actions.ts";
import { applyCall, type ControlDeps } from "./call.ts";
import { charterHandlers, incidentSource } from "./charter-actions.ts";
import { gitHandlers } from "./git-actions.ts";
import { done, fromRows, type Handler, handle } from "./handler.ts";
import { identityHandlers } from "./identity-actions.ts";
import { countEvents, listEvents } from "./list-events.ts";
import { sendMessage } from "./messages.ts";
import { createMissionActions, type MissionAction, sourceOf } from "./mission-actions.ts";
import { nodeHandlers } from "./node-actions.ts";
import { reloadHandlers } from "./reload-actions.ts";
import { startMission } from "./start-mission.ts";
import { taskHandlers } from "./task-actions.ts";
import { turnHandlers } from "./turn-records.ts";

/**
 * The one control API, carried out.
 *
 * 1. Every call passes in this order: role, scope, schema, law, database. The database has the last word.
 * 2. A command is one transaction under the caller's id; a repeat answers with the recorded outcome.
 * 3. The service keeps nothing between calls: it may stop, and another carry on, at any moment.
 */
export interface ControlServiceOptions extends ControlDeps {
  readonly version: string;
  readonly brokers: () => { readonly publish: BrokerStatus; readonly consume: BrokerStatus };
  /** Name and state of the model, in a few words. */
  readonly model: () => string;
}

export function createControlService(options: ControlServiceOptions): ControlService {
  const handlers = createHandlers(options);
  return {
    async call(name, request, caller) {
      options.counters.calls++;
      try {
        if (!Object.hasOwn(control, name)) throw new MeshError("not_found", `There is no command or query ${name}.`);
        const roles: readonly string[] = control[name].roles;
        if (!roles.includes(caller.role))
          throw new MeshError("forbidden", `${name} is for ${roles.join(", ")}; ${caller.actor} is ${caller.role}.`);
        requireScope(name, scopeOf(control[name]), caller);
        return await handlers[name](request, caller);
      } catch (thrown) {
        options.counters.call_errors++;
        throw MeshError.from(thrown);
      }
    },
  };
}

/** What the token allows, within the rights of its actor. */
function requireScope(what: string, scope: ScopeName, { scopes, actor }: ControlCaller): void {
  if (scopes.includes(scope)) return;
  throw new MeshError(
    "forbidden",
    `${what} needs a token with the scope ${scope}; this one of ${actor} has ${scopes.join(", ") || "none"}.`,
    { details: { scope } },
  );
}

function createHandlers(options: ControlServiceOptions): Readonly<Record<ControlName, Handler>> {
  const { store, random } = options;
  const actions = createMissionActions(options);
  const rows = <N extends ControlName>(name: N): Handler => fromRows(options, name);
  const act = async (action: MissionAction) => {
    await actions.act(action);
    return done;
  };

  return {
    GetStatus: handle("GetStatus", (_, caller) => status(options, caller)),
    ListRoster: rows("ListRoster"),
    SendMessage: handle("SendMessage", (request, caller) => sendMessage(options, actions, request, caller)),
    ListInbox: handle("ListInbox", async (request, caller) => {
      // The one query that may change something, and then it is no mere reading.
      if (request.markRead) requireScope("ListInbox with markRead", "act", caller);
      const inbox = await store.query("ListInbox", request, caller.actor);
      const due = inbox.items.filter((item) => item.delivery.state === "due").map((item) => item.id);
      if (request.markRead && due.length > 0)
        await applyCall(options, caller, "ListInbox", [{ op: "mark_read", messages: due }]);
      return inbox;
    }),
    AcknowledgeMessage: handle("AcknowledgeMessage", async ({ message }, caller) => {
      await applyCall(options, caller, "AcknowledgeMessage", [{ op: "mark_acted", messages: [message] }]);
      return done;
    }),
    ShowMessage: rows("ShowMessage"),
    ListDeadLetters: rows("ListDeadLetters"),
    RedriveDelivery: handle("RedriveDelivery", async ({ message, recipient }, caller) => {
      await applyCall(options, caller, "RedriveDelivery", [{ op: "redrive", message, recipient }]);
      return done;
    }),
    StartMission: handle("StartMission", (request, caller) => startMission(options, request, caller)),
    ListMissions: rows("ListMissions"),
    ShowMission: rows("ShowMission"),
    ReportMission: rows("ReportMission"),
    ListConversation: rows("ListConversation"),
    ListConversations: rows("ListConversations"),
    Propose: handle("Propose", async ({ id = random.uuid(), mission, title, text }, caller) => {
      const view = await actions.missionOf(mission);
      const head = { kind: "propose" } as const;
      const made = await actions.act({ caller, command: "Propose", view, head, words: { title, text }, ids: { id } });
      return { proposal: made.id ?? id };
    }),
    Critique: handle("Critique", async ({ proposal, text }, caller) => {
      const head = { kind: "critique", proposal } as const;
      const view = await actions.missionOfProposal(head, caller, "Critique");
      return await act({ caller, command: "Critique", view, head, words: { text } });
    }),
    ListProposals: rows("ListProposals"),
    ShowProposal: rows("ShowProposal"),
    CastBallot: handle("CastBallot", async ({ proposal, choice, reason }, caller) => {
      const head = { kind: "vote", proposal, choice } as const;
      const view = await actions.missionOfProposal(head, caller, "CastBallot");
      return await act({ caller, command: "CastBallot", view, head, words: { text: reason } });
    }),
    VetoProposal: handle("VetoProposal", async ({ proposal, reason }, caller) => {
      const head = { kind: "veto", proposal } as const;
      const view = await actions.missionOfProposal(head, caller, "VetoProposal");
      return await act({ caller, command: "VetoProposal", view, head, words: { text: reason } });
    }),
    ...taskHandlers(options, actions),
    AdvancePhase: handle("AdvancePhase", async ({ mission }, caller) => {
      const view = await actions.missionOf(mission);
      return await act({ caller, command: "AdvancePhase", view, head: { kind: "advance" }, words: {} });
    }),
    Remember: handle("Remember", async ({ text, conversation, incident }, caller) => {
      const id = random.uuid();
      const source = incident === undefined ? undefined : await incidentSource(options, incident, caller);
      const view = conversation === undefined ? undefined : await actions.view(conversation);
      if (view !== undefined) {
        const head = { kind: "remember" } as const;
        const words = { text };
        const made = await actions.act({ caller, command: "Remember", view, head, words, source, ids: { id } });
        return { episode: made.id ?? id };
      }
      const outcome = await applyCall(options, caller, "Remember", [
        { op: "remember", id, conversation: conversation ?? null, text, source: source ?? sourceOf(caller) },
      ]);
      return { episode: outcome.results[0]?.id ?? id };
    }),
    RecallMemory: rows("RecallMemory"),
    ...charterHandlers(options, actions),
    ...gitHandlers(options),
    ...nodeHandlers(options),
    ...approvalHandlers(options, actions),
    ...reloadHandlers(options),
    ...identityHandlers(options),
    ...turnHandlers(options),
    ListEvents: handle("ListEvents", (request, caller) => listEvents(options, request, caller)),
    CountEvents: handle("CountEvents", (request, caller) => countEvents(options, request, caller)),
  };
}

async function status(options: ControlServiceOptions, caller: ControlCaller): Promise<ControlResponse<"GetStatus">> {
  const { store, actor, version, model } = options;
  const counts = await store.counts();
  const health = store.health();
  const { publish, consume } = options.brokers();
  return {
    you: { actor: caller.actor, role: caller.role, scopes: [...caller.scopes] },
    now: counts.now,
    node: actor,
    version,
    charterVersion: counts.charterVersion,
    database: health.state === "ready" ? health.server : `unavailable: ${health.reason}`,
    broker: { publish: brokerLine(publish), consume: brokerLine(consume) },
    model: model(),
    actors: counts.actors,
    online: counts.online,
    openMissions: counts.openMissions,
    outbox: counts.outbox,
    due: counts.due,
    dead: counts.dead,
    paused: [...counts.paused],
  };
}

function brokerLine(broker: BrokerStatus): string {
  switch (broker.state) {
    case "connected":
      return broker.server === "" ? "connected" : `connected to ${broker.server}`;
    case "connecting":
      return broker.lastError === undefined ? "connecting" : `connecting: ${broker.lastError}`;
    case "closed":
      return "closed";
  }
}

import { type ControlName, diffCharter, type Operation } from "@federation/core";
import type { ControlCaller } from "../ports/index.ts";
import type { ControlDeps } from "./call.ts";
import { done, fromRows, handle } from "./handler.ts";
import type { MissionActions } from "./mission-actions.ts";

/**
 * The charter and the motions that change it, or bind the federation otherwise.
 *
 * 1. A motion is opened in the assembly of all actors, and judged and recorded there.
 * 2. A motion has one proposal, under the motion's own id: whoever knows the one knows the other.
 * 3. What an amendment may set is the database's to say: it has the bounds.
 */
export function charterHandlers(deps: ControlDeps, actions: MissionActions) {
  type Motion = Extract<Operation, { readonly op: "open_motion" }>;

  async function openMotion(
    caller: ControlCaller,
    command: ControlName,
    motion: Omit<Motion, "op" | "id" | "proposal"> & { readonly id: string | undefined },
  ): Promise<{ readonly motion: string; readonly proposal: string }> {
    const { id = deps.random.uuid(), change } = motion;
    const amends = motion.kind === "amendment" && change !== null && "article" in change;
    const opened = await actions.act({
      caller,
      command,
      view: await actions.assembly(null),
      head: amends ? { kind: "amend", article: change.article, change: change.change } : { kind: "propose" },
      words: { title: motion.title, text: motion.text },
      operations: [{ ...motion, op: "open_motion", id, proposal: id }],
    });
    const made = opened.id ?? id;
    return { motion: made, proposal: made };
  }

  return {
    ShowCharter: fromRows(deps, "ShowCharter"),
    ListCharterVersions: fromRows(deps, "ListCharterVersions"),
    DiffCharter: handle("DiffCharter", async ({ from, to }, caller) => {
      const [before, after] = await Promise.all([
        deps.store.query("ShowCharter", { version: from }, caller.actor),
        deps.store.query("ShowCharter", to === undefined ? {} : { version: to }, caller.actor),
      ]);
      const place = ({ article }: { readonly article: string }): number =>
        after.articles.findIndex((it) => it.id === article);
      const differences = [...diffCharter(before, after)].sort((a, b) => place(a) - place(b));
      return { from, to: after.version, differences };
    }),
    ShowIncident: fromRows(deps, "ShowIncident"),
    ListVerdicts: fromRows(deps, "ListVerdicts"),
    AuditVerdicts: fromRows(deps, "AuditVerdicts"),
    ListMotions: fromRows(deps, "ListMotions"),

    ProposeAmendment: handle("ProposeAmendment", async ({ id, title, text, change, ...why }, caller) => {
      const happened =
        why.incident === undefined
          ? undefined
          : (await deps.store.query("ShowIncident", { incident: why.incident }, caller.actor)).text;
      const motive = [happened, why.motive].filter((part) => part !== undefined).join("\n");
      const made = await openMotion(caller, "ProposeAmendment", { id, kind: "amendment", title, text, change, motive });
      return { ...made, motive };
    }),
    ProposeDecision: handle("ProposeDecision", ({ id, title, text }, caller) =>
      openMotion(caller, "ProposeDecision", { id, kind: "decision", title, text, change: null, motive: "" }),
    ),
    ProposeTask: handle("ProposeTask", ({ id, title, text, ...order }, caller) =>
      openMotion(caller, "ProposeTask", {
        id,
        kind: "task",
        title,
        text,
        change: { change: "open_task", ...order },
        motive: "",
      }),
    ),
    RatifyCharter: handle("RatifyCharter", async ({ id, text }, caller) => {
      const { version, sha256 } = await deps.store.query("ShowCharter", {}, caller.actor);
      return await openMotion(caller, "RatifyCharter", {
        id,
        kind: "ratification",
        title: `Ratify the charter, version ${version}`,
        text: text ?? `Shall version ${version} of the charter (sha256 ${sha256}) be the law of this federation?`,
        change: { change: "ratify", version },
        motive: "",
      });
    }),
    AdoptCharter: handle("AdoptCharter", async ({ reason }, caller) => {
      const adopted = await actions.act({
        caller,
        command: "AdoptCharter",
        view: await actions.assembly(null),
        head: { kind: "ratify" },
        words: { text: reason },
        operations: [{ op: "ratify_charter", reason }],
      });
      return { version: Number(adopted.id) };
    }),
    WithdrawProposal: handle("WithdrawProposal", async ({ proposal, reason }, caller) => {
      const head = { kind: "withdraw", proposal } as const;
      const view = await actions.missionOfProposal(head, caller, "WithdrawProposal");
      await actions.act({ caller, command: "WithdrawProposal", view, head, words: { text: reason } });
      return done;
    }),
  };
}

/** Where a lesson comes from that was drawn from an incident. @throws MeshError `not_found` */
export async function incidentSource(deps: ControlDeps, incident: string, caller: ControlCaller): Promise<string> {
  const { kind } = await deps.store.query("ShowIncident", { incident }, caller.actor);
  return `incident:${kind}:${incident}`;
}

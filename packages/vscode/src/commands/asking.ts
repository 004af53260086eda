/** Commands that begin something: a mission, a message; and those about a node. */
import { hrefOf } from "@federation/portal/route";
import { askWords, choose } from "../app/ask.ts";
import { tell } from "../app/tell.ts";
import { oneLine } from "../text/one-line.ts";
import type { RosterEntry, Subject } from "../views/item.ts";
import { type At, give } from "./answering.ts";

export function askingCommands(at: () => At) {
  return {
    async startMission(): Promise<void> {
      const { session, openRoute } = at();
      const objective = await askWords({
        title: "Start a Mission",
        prompt: "The objective, in a sentence: what should be there when the team is done?",
        needed: true,
      });
      if (objective === undefined) return;
      const vote = await choose("Start a Mission", [
        { label: "Start it", detail: "The team votes; you may still veto and take over.", value: false },
        { label: "Start it, and vote with the team", detail: "The vote waits for your ballot.", value: true },
      ]);
      if (vote === undefined) return;
      // Its id is made here, so that it can be shown, and a retry is the same mission.
      const id = crypto.randomUUID();
      if (await give(session, { name: "StartMission", request: { id, objective, vote } }, openRoute))
        openRoute(hrefOf("missions", id));
    },

    async sendMessage(subject: Subject): Promise<void> {
      const { session, openRoute } = at();
      const to = subject.kind === "actor" ? subject.actor.actor : await recipient();
      if (to === undefined) return;
      const text = await askWords({
        title: to === "all" ? "Message to Everyone" : `Message to ${to}`,
        prompt: "Your message",
        needed: true,
      });
      if (text !== undefined) await give(session, { name: "SendMessage", request: { to, text } }, openRoute);
    },

    async pauseNode(subject: Subject): Promise<void> {
      const { session, openRoute } = at();
      const node = await nodeOf(subject, "Pause which node?", (it) => !it.paused);
      if (node === undefined) return;
      const reason = await askWords({
        title: `Pause ${node}`,
        prompt: "Why? It takes no turns until you let it go on; its duties run into their deadlines.",
        needed: true,
      });
      if (reason !== undefined) await give(session, { name: "PauseNode", request: { node, reason } }, openRoute);
    },

    async resumeNode(subject: Subject): Promise<void> {
      const { session, openRoute } = at();
      const node = await nodeOf(subject, "Let which node go on?", (it) => it.paused);
      if (node !== undefined) await give(session, { name: "ResumeNode", request: { node } }, openRoute);
    },
  };

  async function nodeOf(
    subject: Subject,
    title: string,
    fits: (actor: RosterEntry) => boolean,
  ): Promise<string | undefined> {
    if (subject.kind === "actor") return subject.actor.actor;
    const agents = roster().filter((it) => it.kind === "agent" && fits(it));
    if (agents.length === 0) {
      void tell.info("There is no such node.");
      return undefined;
    }
    return await choose(title, agents.map(actorChoice));
  }

  async function recipient(): Promise<string | undefined> {
    const me = at().session.known.status.answer()?.you.actor;
    return await choose("Message to Whom?", [
      { label: "Everyone", description: "", detail: "", value: "all" },
      ...roster()
        .filter((it) => it.actor !== me)
        .map(actorChoice),
    ]);
  }

  function roster(): readonly RosterEntry[] {
    return at().session.known.roster.answer()?.actors ?? [];
  }
}

const actorChoice = (it: RosterEntry) => ({
  label: it.actor,
  description: `${it.role}, ${it.activity.state}`,
  detail: oneLine(it.description, 120),
  value: it.actor,
});

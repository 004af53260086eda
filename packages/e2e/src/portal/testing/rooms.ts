/** Rooms with something in them, as a mission under way and what stands beside it fill them. */
import type { ControlClient } from "@federation/mcp/client";
import type { PortalMesh } from "./mesh.ts";

export interface Room {
  readonly name: string;
  readonly hash: string;
  /** A heading of it, once it is there. */
  readonly heading: string;
}

/** Lets the mesh do a mission, and puts a question, a task and a motion beside it. */
export async function furnish(mesh: PortalMesh): Promise<readonly Room[]> {
  const { client, dev } = mesh;
  const visitor = await mesh.addActor("copilot-1", "developer");
  const { mission } = await client.call("StartMission", {
    objective: "Choose a retry policy for the outbox relay and write it down",
  });
  await dev.event((it) => it.conversation === mission && it.kind === "MissionClosed", 240_000);
  const { task } = await client.call("OpenTask", {
    title: "Write the on-call rota",
    instructions: "Who is on call, and when.",
    assignee: "commander",
  });
  await visitor.call("AskApproval", { whom: "commander", question: "May I delete the old branch?" });
  const { proposal } = await client.call("ProposeDecision", { title: "Deploy on Mondays", text: "In the morning." });
  const { conversation } = await client.call("SendMessage", {
    to: "all",
    text: "Good morning. **Ready?**\n\n- one\n- two",
  });
  const { messages } = await client.call("ListConversation", { conversation, limit: 1 });
  const turn = await turnOf(client, mission);
  return [
    { name: "mesh", hash: "#/mesh", heading: "Who does what" },
    { name: "inbox", hash: "#/inbox", heading: "Inbox" },
    { name: "timeline", hash: "#/timeline", heading: "Timeline" },
    { name: "missions", hash: "#/missions?show=all", heading: "Missions" },
    { name: "a mission", hash: `#/missions/${mission}`, heading: "Members" },
    { name: "its thread", hash: `#/missions/${mission}?tab=thread`, heading: "Choose a retry policy" },
    { name: "its turns", hash: `#/missions/${mission}?tab=turns`, heading: "Turns" },
    { name: "its result", hash: `#/missions/${mission}?tab=result`, heading: "In figures" },
    { name: "its record", hash: `#/missions/${mission}?tab=record`, heading: "Decisions" },
    { name: "a turn", hash: `#/turns/${turn}`, heading: "What it saw" },
    { name: "turns", hash: "#/turns", heading: "Turns" },
    { name: "conversations", hash: "#/conversations", heading: "Conversations" },
    { name: "a conversation", hash: `#/conversations/${conversation}`, heading: "Good morning" },
    { name: "a message", hash: `#/messages/${messages[0]?.id ?? ""}`, heading: "What was said" },
    { name: "tasks", hash: "#/tasks", heading: "Tasks" },
    { name: "tasks as a table", hash: "#/tasks?as=table", heading: "Tasks" },
    { name: "a task", hash: `#/tasks/${task}`, heading: "Ownership" },
    { name: "proposals", hash: "#/proposals", heading: "Proposals" },
    { name: "a proposal", hash: `#/proposals/${proposal}`, heading: "The rule" },
    { name: "charter", hash: "#/charter/budgets", heading: "Charter" },
    { name: "its versions", hash: "#/charter?tab=versions", heading: "Versions" },
    { name: "verdicts", hash: "#/charter?tab=verdicts", heading: "The chain of seals" },
    { name: "dead letters", hash: "#/messages", heading: "Dead letters" },
    { name: "costs", hash: "#/costs", heading: "Costs" },
    { name: "memory", hash: "#/memory", heading: "Memory" },
    { name: "actors", hash: "#/actors", heading: "Actors" },
    { name: "an actor", hash: "#/actors/baby", heading: "Latest turns" },
    { name: "access", hash: "#/access", heading: "Access" },
    { name: "commands", hash: "#/commands", heading: "Commands" },
  ];
}

/** A turn in which a model had a choice. */
async function turnOf(client: ControlClient, mission: string): Promise<string> {
  const { turns } = await client.call("ListTurns", { conversation: mission, limit: 200 });
  const chosen =
    turns.find((it) => it.origin === "model" && it.action === "vote") ?? turns.find((it) => it.origin === "model");
  return chosen?.id ?? turns[0]?.id ?? "";
}

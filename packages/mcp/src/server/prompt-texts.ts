/** The words of the prompts. Ours around what the rows say; what others wrote goes through `quoteData`. */
import {
  type ActionHead,
  control,
  decide,
  MeshError,
  type MissionView,
  type Role,
  type ScopeName,
  type Task,
} from "@federation/core";
import type { Ask, RequestContext } from "./ask-control.ts";
import { type Quoted, quoteData } from "./quote-data.ts";

export interface Asker {
  readonly actor: string;
  readonly role: Role;
  readonly kind: string;
  readonly scopes: readonly ScopeName[];
  readonly ask: Ask;
}

const few = 10;
const mostFiles = 8;

const duty: Readonly<Record<Role, string>> = {
  lead: "You bring ideas together, assign work by name and sum up.",
  developer: "You build what was decided.",
  analyst: "You question, ask for evidence, and verify.",
  commander: "You give objectives, and may veto, take over and change who takes part.",
  observer: "You watch; you do not act.",
};

export async function joinText(me: Asker, request: RequestContext): Promise<string> {
  const charter = control.ShowCharter.response.parse(await me.ask("ShowCharter", {}, request));
  const inbox = control.ListInbox.response.parse(await me.ask("ListInbox", { limit: few }, request));
  const mine = await tasksOf(me, { assignee: me.actor, open: true }, request);
  const pool = await tasksOf(me, { pool: true }, request);
  const articles = charter.articles.filter((it) => !charter.off.includes(it.id));
  return [
    `You are ${me.actor}, ${me.kind === "human" ? "a person" : `an actor of kind ${me.kind}`} with the role ${me.role}, in a federation of agents and people. ${duty[me.role]} Whatever you do here is on record under this name, which comes from your token.`,
    me.scopes.includes("act") ? "" : "Your token only reads: calls that change something are refused.",
    `The charter in force (version ${charter.version}), which code enforces:\n${articles.map((it) => `- ${it.id}: ${it.principle}`).join("\n")}`,
    [
      "How work is done:",
      "1. list_inbox shows what was said to you; acknowledge_message when it is dealt with, send_message to answer.",
      "2. A task is claimed before it is worked on: claim_task answers with a fence, which every later call about that task carries.",
      "3. submit_task hands in the result with the evidence it rests on; hand_back_task gives up what you cannot finish. Somebody else reviews it.",
      "4. A refused call says why and what would be lawful. A call whose answer was lost is repeated under the same call id.",
      "5. Nothing waits for ever: tasks, votes and questions have deadlines. federation:// resources and list_events tell what changes.",
    ].join("\n"),
    `Assigned to you: ${mine.length}. In the pool: ${pool.length}. In your inbox: ${inbox.items.length}${inbox.items.length === few ? " or more" : ""}.`,
    ...quotedIfAny([
      ...mine.map((it) => taskLine("task assigned to you", it)),
      ...pool.map((it) => taskLine("task in the pool", it)),
      ...inbox.items.map((it) => ({ label: `${it.kind} from ${it.sender} (message ${it.id})`, text: it.text })),
    ]),
  ]
    .filter(Boolean)
    .join("\n\n");
}

export async function takeTaskText(me: Asker, given: string | undefined, request: RequestContext): Promise<string> {
  const task = given === undefined ? await mostUrgent(me, request) : await showTask(me, given, request);
  if (task === undefined)
    return "Nothing is assigned to you, and the pool is empty. list_tasks shows what the others have.";
  const view = await viewOf(me, task.conversation, request);
  return [
    `Task ${task.id} is ${standing(task)}.${task.dueAt === null ? "" : ` It is due at ${task.dueAt}.`}`,
    quoteData([
      { label: "title", text: task.title },
      { label: "instructions", text: task.instructions },
      { label: `objective by ${view.createdBy}`, text: view.objective },
    ]),
    task.scope.length === 0 ? "" : `Its holder may write these paths only: ${task.scope.join(", ")}.`,
    task.needs.length === 0 ? "" : `It waits for these tasks to be accepted: ${task.needs.join(", ")}.`,
    lawfulNow(view, me.actor, [
      [
        { kind: "claim", task: task.id },
        `claim_task ${JSON.stringify({ task: task.id })}; keep the fence it answers with`,
      ],
      [
        { kind: "submit", task: task.id },
        `submit_task with the task, fence ${task.fence}, a summary, evidence, and files if there are any`,
      ],
      [{ kind: "hand_back", task: task.id }, `hand_back_task with the task, fence ${task.fence} and a reason`],
    ]),
    "Work on it only while the claim is yours, and rest what you hand in on evidence: proposal:ID, message:ID, episode:ID, file:PATH of the result, commit:SHA.",
  ]
    .filter(Boolean)
    .join("\n\n");
}

export async function reviewText(me: Asker, given: string | undefined, request: RequestContext): Promise<string> {
  if (given === undefined) throw new MeshError("invalid_input", "Name the task whose result is to be reviewed.");
  const task = await showTask(me, given, request);
  const { submission } = task;
  if (submission === null)
    throw new MeshError("invalid_input", "This task has no result yet; list_tasks shows which are submitted.");
  const view = await viewOf(me, task.conversation, request);
  const more = submission.files.length - mostFiles;
  return [
    `The result of task ${task.id}, handed in by ${submission.author}. The task is ${standing(task)}.`,
    quoteData([
      { label: "title", text: task.title },
      { label: "instructions", text: task.instructions },
      { label: `summary by ${submission.author}`, text: submission.summary },
      ...submission.files.slice(0, mostFiles).map((file) => ({
        label: `file by ${submission.author}, sha256 ${file.sha256}`,
        text: `${file.path}\n${file.content}`,
      })),
    ]),
    more > 0 ? `There are ${more} more files; show_task has them all.` : "",
    `Evidence named: ${submission.evidence.length === 0 ? "none" : submission.evidence.join(", ")}. Look it up (show_proposal, show_message, recall_memory) before you rest on it.`,
    "Accept what does what the instructions ask; reject with what is missing, so that it can be reworked.",
    lawfulNow(view, me.actor, [
      [
        { kind: "accept", task: task.id },
        `review_task ${JSON.stringify({ task: task.id, accept: true })} with a reason`,
      ],
      [
        { kind: "reject", task: task.id },
        `review_task ${JSON.stringify({ task: task.id, accept: false })} with a reason`,
      ],
    ]),
  ]
    .filter(Boolean)
    .join("\n\n");
}

export async function proposeText(me: Asker, given: string | undefined, request: RequestContext): Promise<string> {
  if (given === undefined) return await motionText(me, request);
  const view = await viewOf(me, given, request);
  return [
    `Mission ${view.id}, in phase ${view.phase}, round ${view.round}${view.phaseDeadline === null ? "" : `, until ${view.phaseDeadline}`}.`,
    quoteData([
      { label: `objective by ${view.createdBy}`, text: view.objective },
      ...view.proposals
        .slice(-few)
        .map((it) => ({ label: `proposal ${it.id} by ${it.author} (${it.state})`, text: `${it.title}\n${it.text}` })),
    ]),
    "A good proposal says what will be done, by what it is shown to work, and what it leaves out. Do not repeat one that is there: criticise it.",
    lawfulNow(view, me.actor, [
      [{ kind: "propose" }, `propose ${JSON.stringify({ mission: view.id })} with title and text`],
      ...view.proposals
        .filter((it) => it.state === "open")
        .slice(-few)
        .map(
          (it) =>
            [
              { kind: "critique", proposal: it.id },
              `critique ${JSON.stringify({ proposal: it.id })} with text`,
            ] as const,
        ),
    ]),
  ].join("\n\n");
}

async function motionText(me: Asker, request: RequestContext): Promise<string> {
  const { motions } = control.ListMotions.response.parse(
    await me.ask("ListMotions", { open: true, limit: few }, request),
  );
  return [
    "A motion binds the whole federation once it is accepted by vote. propose_decision records a decision, propose_task opens a task, propose_amendment changes the charter (with the incident that motivates it).",
    `Open motions: ${motions.length}.`,
    ...quotedIfAny(
      motions.map((it) => ({
        label: `${it.kind} by ${it.author} (proposal ${it.proposal}, ${it.state})`,
        text: it.title,
      })),
    ),
    "For a proposal within a mission, ask for this prompt with the mission's id; list_missions names them.",
  ].join("\n\n");
}

export async function lessonText(me: Asker, given: string | undefined, request: RequestContext): Promise<string> {
  const how =
    "A lesson is one or two sentences that help somebody who was not there: what to do or avoid, when, and why. Write it with remember (text, and the incident it comes from). What should bind everybody is no lesson but an amendment: propose_amendment.";
  if (given !== undefined) {
    const told = control.ShowIncident.response.parse(await me.ask("ShowIncident", { incident: given }, request));
    const label = `${told.kind.replaceAll("_", " ")} of ${told.actor}, at ${told.at}`;
    return [`Incident ${told.incident}:`, quoteData([{ label, text: told.text }]), how].join("\n\n");
  }
  const answer = await me.ask("ListVerdicts", { refused: true, limit: few }, request);
  const { verdicts } = control.ListVerdicts.response.parse(answer);
  return [
    verdicts.length === 0
      ? "Nothing was refused so far; a rejected result or an expired claim teaches too."
      : "What was refused lately:",
    ...quotedIfAny(
      verdicts.map((it) => ({
        label: `incident ${it.id}: ${it.action} of ${it.actor}`,
        text: `${it.reason}; ${it.lawful}`,
      })),
    ),
    how,
  ].join("\n\n");
}

/** What of this the gate would let through now, by the gate's own decider; and for the rest, why not. */
function lawfulNow(view: MissionView, actor: string, offers: readonly (readonly [ActionHead, string])[]): string {
  const may: string[] = [];
  const not: string[] = [];
  for (const [head, how] of offers) {
    const verdict = decide(view, actor, head);
    if (verdict.allowed) may.push(`- ${how}`);
    else
      not.push(
        `- ${head.kind.replaceAll("_", " ")}: ${verdict.reason}; lawful would be: ${verdict.lawful} (${verdict.article})`,
      );
  }
  return [
    may.length === 0 ? "Nothing of this is lawful for you now." : `Lawful for you now:\n${may.join("\n")}`,
    ...(not.length === 0 ? [] : [`Not now:\n${not.join("\n")}`]),
  ].join("\n");
}

type ListedTask = Task & { readonly conversation: string };

async function tasksOf(
  me: Asker,
  which: Record<string, unknown>,
  request: RequestContext,
): Promise<readonly ListedTask[]> {
  return control.ListTasks.response.parse(await me.ask("ListTasks", { ...which, limit: few }, request)).tasks;
}

async function mostUrgent(me: Asker, request: RequestContext): Promise<ListedTask | undefined> {
  const mine = await tasksOf(me, { assignee: me.actor, open: true }, request);
  const held = mine.find((it) => it.holder === me.actor && it.state === "claimed");
  const assigned = mine.find((it) => it.state === "assigned");
  return held ?? assigned ?? (await tasksOf(me, { pool: true }, request))[0];
}

async function showTask(me: Asker, task: string, request: RequestContext): Promise<ListedTask> {
  return control.ShowTask.response.parse(await me.ask("ShowTask", { task }, request)).task;
}

async function viewOf(me: Asker, mission: string, request: RequestContext): Promise<MissionView> {
  return control.ShowMission.response.parse(await me.ask("ShowMission", { mission }, request)).mission;
}

function standing(task: Task): string {
  const holder = task.holder === null ? "" : `, held by ${task.holder} under fence ${task.fence}`;
  const assignee = task.assignee === null ? "" : `, assigned to ${task.assignee}`;
  return `${task.state}${assignee}${holder}`;
}

function taskLine(label: string, task: ListedTask): Quoted {
  return { label: `${label} (task ${task.id}, ${task.state})`, text: task.title };
}

function quotedIfAny(lines: readonly Quoted[]): readonly string[] {
  return lines.length === 0 ? [] : [quoteData(lines)];
}

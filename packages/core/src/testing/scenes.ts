import type { Member, Message, MissionView, Obligation, Proposal, Task } from "../mission/view.ts";
import {
  dutyForTest,
  idOf,
  memberForTest,
  proposalForTest,
  submissionForTest,
  taskForTest,
  viewForTest,
} from "./missions.ts";

/** The same hand-made missions in the words a prompt shows: a smaller team, and texts long enough to be quoted. */

export const member = (actor: string, role: Member["role"], over: Partial<Member> = {}): Member =>
  memberForTest(actor, { role, ...over });

/** ana analyses, dev develops, lea leads; rob is the human commander, without a vote. */
export const team: readonly Member[] = [
  member("ana", "analyst"),
  member("dev", "developer"),
  member("lea", "lead"),
  member("rob", "commander", { kind: "human", votes: false }),
];

export const viewOf = (over: Partial<MissionView> = {}): MissionView =>
  viewForTest({
    objective: "Choose a retry policy for the outbox relay and write it down",
    members: [...team],
    ...over,
  });

export const proposal = (n: number, over: Partial<Proposal> = {}): Proposal =>
  proposalForTest(n, {
    text: "Retry with doubling pauses and jitter. Stop after five attempts.",
    electorate: ["ana", "dev", "lea"],
    ...over,
  });

export const task = (n: number, over: Partial<Task> = {}): Task =>
  taskForTest(n, {
    proposal: idOf(10),
    title: "Write the policy",
    instructions: "Write one page about the policy.",
    ...over,
  });

/** A task as a query of the control API answers with it: of the conversation `idOf(1)`. */
export const taskRecord = (of: Task) => ({
  ...of,
  conversation: idOf(1),
  conversationKind: "mission" as const,
  createdAt: "2026-01-01T00:00:00.000Z",
  createdBy: null,
  leaseUntil: null,
});

export const submission = (over: Partial<NonNullable<Task["submission"]>> = {}): NonNullable<Task["submission"]> =>
  submissionForTest(30, { summary: "The relay doubles its pause after each failure.", ...over });

export const duty = (
  actor: string,
  name: Obligation["duty"],
  subject: string | null = null,
  over: Partial<Obligation> = {},
): Obligation => dutyForTest(40, actor, name, subject, over);

export const message = (n: number, sender: string, text: string, over: Partial<Message> = {}): Message => ({
  id: idOf(100 + n),
  conversation: idOf(1),
  seq: n,
  sender,
  kind: "say",
  recipient: null,
  text,
  hops: 0,
  createdAt: "2026-01-01T00:00:00.000Z",
  ...over,
});

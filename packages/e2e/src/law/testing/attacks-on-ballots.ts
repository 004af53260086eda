import { createHash } from "node:crypto";
import { ANALYST, LEAD } from "@federation/store/testing";
import { type Attack, ballotCall, ballotOperation, DENIED, ONE_BALLOT } from "./attack.ts";
import { NO_CALL } from "./doors.ts";
import { TWIN } from "./vote-cast.ts";
import type { Ground } from "./vote-grounds.ts";

const edited = createHash("sha256").update("Double the pause, without a bound.").digest("hex");

const replay: readonly Attack[] = [
  {
    what: "replay: the same call again",
    against: "one-ballot",
    on: "voted",
    gate: (ground, { doors, ballotCall: id }) => [
      doors.call(LEAD, "cast_ballot", ballotCall(ground), { callId: `${id}-${ground.kind}` }),
    ],
    database: (ground, { doors, ballotCall: id }) => [
      doors.apply(LEAD, ballotOperation(ground), { callId: `${id}-${ground.kind}`, command: "CastBallot" }),
    ],
    ends: { gate: ["done"], database: ["done again"] },
  },
  {
    what: "replay: a recorded call, its proposal exchanged",
    against: "one-ballot",
    on: "open",
    gate: (ground, { doors, ballotCall: id }) => [
      doors.call(LEAD, "cast_ballot", ballotCall(ground), { callId: `${id}-${ground.kind}` }),
    ],
    database: (ground, { doors, ballotCall: id }) => [
      doors.apply(LEAD, ballotOperation(ground), { callId: `${id}-${ground.kind}`, command: "CastBallot" }),
    ],
    ends: { gate: ["done"], database: ["done again"] },
  },
  {
    what: "replay: a recorded ballot, its proposal exchanged",
    against: "one-ballot",
    on: "open",
    gate: (ground, { doors, of }) => [
      doors.call(LEAD, "cast_ballot", ballotCall(ground, { textSha256: of("voted", ground.kind).textSha256 })),
    ],
    database: (ground, { doors, of }) => [
      doors.apply(LEAD, ballotOperation(of("voted", ground.kind), { proposal: ground.proposal })),
    ],
    ends: { gate: ["invalid_input"], database: ["FD006 one-ballot"] },
  },
  {
    what: "replay: a ballot with the hash of another text, of none, without one",
    against: "one-ballot",
    on: "open",
    gate: (ground, { doors }) => [
      doors.call(ANALYST, "cast_ballot", ballotCall(ground, { textSha256: edited })),
      doors.call(ANALYST, "cast_ballot", ballotCall(ground, { text: "Double it without a bound." })),
    ],
    database: (ground, { doors }) =>
      [edited, "", null, undefined, ground.textSha256.toUpperCase()].map((textSha256) =>
        doors.apply(ANALYST, ballotOperation(ground, { textSha256 })),
      ),
    ends: { gate: ["invalid_input"], database: ["FD006 one-ballot"] },
  },
  {
    what: "replay: the text edited under the ballots",
    against: "one-ballot",
    on: "voted",
    gate: (ground, { doors }) => [doors.call(TWIN, edit(ground).tool, edit(ground).request)],
    database: (ground, { doors }) => [
      doors.apply(TWIN, edit(ground).operation),
      doors.sql(TWIN, "update federation.proposals set body = 'Without a bound.' where id = $1", [ground.proposal]),
    ],
    ends: {
      gate: { plan: ["refused propose-before-implement"], motion: ["conflict"] },
      database: { plan: ["FD004 propose-before-implement", "42501"], motion: ["FD006", "42501"] },
    },
  },
];

/** The same proposal once more, with other words. */
function edit({ kind, conversation, proposal }: Ground) {
  const words = { title: "Back off", text: "Double the pause, without a bound." };
  const change = { change: "set_parameter", article: "budgets", parameter: "talkPerPhase", value: 90 };
  const motive = "It happened.";
  return kind === "plan"
    ? {
        tool: "propose",
        request: { id: proposal, mission: conversation, ...words },
        operation: { op: "propose", id: proposal, conversation, ...words },
      }
    : {
        tool: "propose_amendment",
        request: { id: conversation, ...words, change, motive },
        operation: { op: "open_motion", id: conversation, proposal, kind: "amendment", ...words, change, motive },
      };
}

const late: readonly Attack[] = [
  {
    what: "late: after the deadline, before anybody has looked",
    against: "quorum-and-deadline",
    on: "late",
    gate: (ground, { doors }) => [doors.call(ANALYST, "cast_ballot", ballotCall(ground))],
    database: (ground, { doors }) => [doors.apply(ANALYST, ballotOperation(ground))],
    ends: { gate: ["refused quorum-and-deadline"], database: ["FD004 quorum-and-deadline"] },
  },
  {
    what: "late: the same, dated back",
    against: "quorum-and-deadline",
    on: "late",
    gate: (ground, { doors }) => [
      doors.call(ANALYST, "cast_ballot", ballotCall(ground, { castAt: "2020-01-01T00:00:00Z" })),
    ],
    database: (ground, { doors }) => [
      doors.apply(ANALYST, ballotOperation(ground, { castAt: "2020-01-01", cast_at: "2020-01-01", now: "2020-01-01" })),
    ],
    ends: { gate: ["invalid_input"], database: ["FD004 quorum-and-deadline"] },
  },
  {
    what: "late: the deadline moved",
    against: "quorum-and-deadline",
    on: "late",
    gate: (_, { doors }) => [doors.call(ANALYST, "extend_deadline")],
    database: ({ conversation }, { doors }) => [
      doors.sql(ANALYST, "update federation.missions set phase_deadline = 'infinity' where conversation = $1", [
        conversation,
      ]),
    ],
    ends: { gate: [NO_CALL], database: DENIED },
  },
];

const twice: readonly Attack[] = [
  ...(["yes", "no"] as const).map(
    (choice): Attack => ({
      what: choice === "no" ? "double: the same choice again" : "double: a change of mind",
      against: "one-ballot",
      on: "voted",
      gate: (ground, { doors }) => [doors.call(LEAD, "cast_ballot", ballotCall(ground, { choice }))],
      database: (ground, { doors }) => [doors.apply(LEAD, ballotOperation(ground, { choice }))],
      ends: ONE_BALLOT,
    }),
  ),
  {
    what: "double: two ballots in one call, or a choice that is none",
    against: "one-ballot",
    on: "open",
    gate: (ground, { doors }) =>
      [["yes", "no"], "YES", null].map((choice) => doors.call(ANALYST, "cast_ballot", ballotCall(ground, { choice }))),
    database: (ground, { doors }) => [
      doors.apply(ANALYST, [ballotOperation(ground), ballotOperation(ground, { choice: "no" })]),
      ...[["yes", "no"], "YES"].map((choice) => doors.apply(ANALYST, ballotOperation(ground, { choice }))),
    ],
    ends: { gate: ["invalid_input"], database: ["FD004 one-ballot", "23514"] },
  },
  {
    what: "double: through a daemon that a later one has replaced",
    against: "one-voice",
    on: "open",
    gate: (ground, { doors, olderDaemon }) => [
      doors.call(TWIN, "cast_ballot", ballotCall(ground), { daemon: olderDaemon }),
    ],
    database: (ground, { doors }) =>
      [{ generation: 2 }, { generation: 99 }, { generation: null }, { epoch: 0 }, { epoch: 99 }].map((context) =>
        doors.apply(TWIN, ballotOperation(ground), context),
      ),
    ends: { gate: ["fenced one-voice"], database: ["FD007 one-voice"] },
  },
];

/** When no ballot is open, whatever it was before. */
const whenClosed = (what: string, on: Attack["on"], gate: string): Attack => ({
  what,
  against: "one-ballot",
  on,
  gate: (ground, { doors }) => [doors.call(TWIN, "cast_ballot", ballotCall(ground))],
  database: (ground, { doors }) => [doors.apply(TWIN, ballotOperation(ground))],
  ends: { gate: [gate], database: ["FD004 one-ballot"] },
});

const afterwards: readonly Attack[] = [
  whenClosed("early: before the ballots opened", "criticised", "refused propose-before-implement"),
  whenClosed("after: it was accepted", "accepted", "refused propose-before-implement"),
  whenClosed("after: it was rejected", "rejected", "refused one-ballot"),
  whenClosed("after: it was vetoed", "vetoed", "refused one-ballot"),
  whenClosed("after: it was withdrawn", "withdrawn", "refused one-ballot"),
  whenClosed("after: all is over", "closed", "refused propose-before-implement"),
];

export const attacksOnBallots: readonly Attack[] = [...replay, ...late, ...twice, ...afterwards];

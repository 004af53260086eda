import { randomUUID } from "node:crypto";
import type { ArticleId } from "@federation/core";
import { ANALYST, COMMANDER, DEVELOPER, LEAD } from "@federation/store/testing";
import { type Attack, DENIED } from "./attack.ts";
import { NO_CALL } from "./doors.ts";
import { NEWCOMER, WATCHER } from "./vote-cast.ts";
import type { Ground } from "./vote-grounds.ts";

const tally = ({ conversation, phaseNo }: Ground) => ({ op: "tally", conversation, phaseNo });
const enter = ({ conversation, phaseNo }: Ground, phase: string, over: object = {}) => ({
  op: "enter_phase",
  conversation,
  fromPhaseNo: phaseNo,
  phase,
  round: 1,
  reason: "a proposal was decided",
  outcome: null,
  duties: [],
  ...over,
});
/** Where a vote that was won would lead. */
const next = (ground: Ground, over: object = {}) => enter(ground, ground.kind === "plan" ? "assign" : "veto", over);
const enacted = (ground: Ground) => enter(ground, "closed", { outcome: "enacted" });
const advance = ({ conversation }: Ground) => ["advance_phase", { mission: conversation }] as const;
const notAdvanced = ["refused propose-before-implement"] as const;

const counting: readonly Attack[] = [
  {
    what: "counted early",
    against: "quorum-and-deadline",
    on: "voted",
    gate: (ground, { doors }) => [doors.call(LEAD, ...advance(ground)), doors.call(LEAD, "tally")],
    database: (ground, { doors }) => [LEAD, COMMANDER].map((actor) => doors.apply(actor, tally(ground))),
    ends: { gate: [...notAdvanced, NO_CALL], database: ["FD006 quorum-and-deadline"] },
  },
  {
    what: "counted by a stranger",
    against: "one-voice",
    on: "late",
    gate: (_, { doors }) => [doors.call(NEWCOMER, "tally")],
    database: (ground, { doors }) => [tally(ground), next(ground)].map((move) => doors.apply(NEWCOMER, move)),
    ends: { gate: [NO_CALL], database: ["FD004 one-voice"] },
  },
  {
    what: "passed over: on before the deadline",
    against: "quorum-and-deadline",
    on: "voted",
    gate: (ground, { doors }) => [doors.call(LEAD, ...advance(ground))],
    database: (ground, { doors }) => [next(ground), enacted(ground)].map((move) => doors.apply(LEAD, move)),
    ends: {
      gate: notAdvanced,
      database: ["FD006 quorum-and-deadline"],
    },
  },
  {
    what: "passed over: on without a count",
    against: "quorum-and-deadline",
    on: "late",
    gate: (ground, { doors }) => [doors.call(LEAD, ...advance(ground))],
    database: (ground, { doors }) => [next(ground), enacted(ground)].map((move) => doors.apply(LEAD, move)),
    ends: { gate: notAdvanced, database: ["FD006 propose-before-implement"] },
  },
  {
    what: "passed over: on although it was rejected",
    against: "quorum-and-deadline",
    on: "rejected",
    gate: (ground, { doors }) => [doors.call(LEAD, ...advance(ground))],
    database: (ground, { doors }) => [doors.apply(LEAD, next(ground))],
    ends: { gate: notAdvanced, database: ["FD006 propose-before-implement"] },
  },
  {
    what: "enacted while a human may still veto it",
    against: "human-veto",
    on: "accepted",
    only: "motion",
    gate: (ground, { doors }) => [doors.call(LEAD, ...advance(ground))],
    database: (ground, { doors }) => [LEAD, DEVELOPER].map((actor) => doors.apply(actor, enacted(ground))),
    ends: { gate: notAdvanced, database: ["FD006 human-veto"] },
  },
  {
    what: "enacted without the commander's yes on an entrenched article",
    against: "amendments",
    on: "entrenched",
    gate: (ground, { doors }) => [doors.call(LEAD, ...advance(ground))],
    database: (ground, { doors }) => [doors.apply(LEAD, next(ground)), doors.apply(LEAD, enacted(ground))],
    ends: { gate: notAdvanced, database: ["FD006 propose-before-implement", "FD006 amendments"] },
  },
];

const deciding: readonly Attack[] = [
  {
    what: "vetoed by an agent, also one who claims a role",
    against: "human-veto",
    on: "open",
    gate: ({ proposal }, { doors }) => [
      doors.call(LEAD, "veto_proposal", { proposal, reason: "No." }),
      doors.call(LEAD, "veto_proposal", { proposal, reason: "No." }, { role: "commander" }),
    ],
    database: ({ proposal }, { doors }) =>
      [LEAD, WATCHER, NEWCOMER].map((actor) => doors.apply(actor, { op: "veto", proposal, reason: "No." })),
    ends: { gate: ["forbidden", "refused human-veto"], database: ["FD004 human-veto"] },
  },
  {
    what: "withdrawn by another than its author",
    against: "amendments",
    on: "voted",
    gate: ({ proposal }, { doors }) =>
      [DEVELOPER, COMMANDER].map((actor) => doors.call(actor, "withdraw_proposal", { proposal, reason: "No." })),
    database: ({ proposal }, { doors }) =>
      [DEVELOPER, COMMANDER, NEWCOMER].map((actor) =>
        doors.apply(actor, { op: "withdraw_proposal", proposal, reason: "No." }),
      ),
    ends: { gate: ["refused amendments"], database: ["FD004 amendments"] },
  },
  {
    what: "adopted without a majority",
    against: "last-round",
    on: "rejected",
    gate: (_, { doors }) => [doors.call(LEAD, "adopt_proposal")],
    database: ({ proposal }, { doors }) =>
      [LEAD, DEVELOPER].map((actor) => doors.apply(actor, { op: "adopt", proposal, reason: "I decide." })),
    ends: { gate: [NO_CALL], database: ["FD004 last-round"] },
  },
  {
    what: "a duty to adopt, or to vote, smuggled in where the ballots open",
    against: "last-round",
    on: "criticised",
    gate: (ground, { doors }) => [doors.call(LEAD, ...advance(ground))],
    database: (ground, { doors }) => [
      ...[LEAD, DEVELOPER].map((actor) =>
        doors.apply(actor, enter(ground, "vote", { duties: [{ actor, duty: "adopt", subject: null }] })),
      ),
      ...[null, ground.proposal].map((subject) =>
        doors.apply(LEAD, enter(ground, "vote", { duties: [{ actor: WATCHER, duty: "vote", subject }] })),
      ),
    ],
    ends: {
      gate: { plan: ["refused quorum-and-deadline"], motion: notAdvanced },
      database: ["FD006 last-round", "FD006 one-ballot"],
    },
  },
  {
    what: "an electorate of one's own choice",
    against: "one-ballot",
    on: "open",
    only: "plan",
    gate: (_, { doors }) => [
      doors.call(LEAD, "start_mission", { objective: "Mine", members: [LEAD, DEVELOPER], voters: [LEAD] }),
    ],
    database: (_, { doors }) =>
      (
        [
          [DEVELOPER, false],
          [WATCHER, true],
          [COMMANDER, true],
        ] as const
      ).map(([actor, votes]) =>
        doors.apply(LEAD, {
          op: "start_mission",
          id: randomUUID(),
          objective: "Mine",
          seed: 1,
          members: [
            { actor: LEAD, votes: true },
            { actor, votes },
          ],
          duties: [],
        }),
      ),
    ends: { gate: ["invalid_input"], database: ["FD004 one-ballot"] },
  },
  {
    what: "the charter ratified, or adopted, by an agent",
    against: "amendments",
    on: "open",
    only: "motion",
    gate: (_, { doors }) => [
      doors.call(DEVELOPER, "ratify_charter"),
      doors.call(DEVELOPER, "adopt_charter", { reason: "Now." }),
      doors.call(DEVELOPER, "adopt_charter", { reason: "Now." }, { role: "commander" }),
    ],
    database: (_, { doors }) => [
      doors.apply(DEVELOPER, { op: "ratify_charter", reason: "Now." }),
      doors.apply(DEVELOPER, {
        op: "open_motion",
        id: randomUUID(),
        proposal: randomUUID(),
        kind: "ratification",
        title: "Ours",
        text: "Now.",
        change: { change: "ratify", version: 0 },
        motive: "",
      }),
    ],
    ends: { gate: ["forbidden", "refused amendments"], database: ["FD004 amendments", "FD003 amendments"] },
  },
];

/** What only rows could say, written by hand under a daemon's login. */
const byHand = (what: string, against: ArticleId, statements: (ground: Ground) => readonly string[]): Attack => ({
  what,
  against,
  on: "open",
  gate: (_, { doors }) => [doors.call(DEVELOPER, "sql")],
  database: (ground, { doors }) => statements(ground).map((statement) => doors.sql(DEVELOPER, statement)),
  ends: { gate: [NO_CALL], database: DENIED },
});

const forging: readonly Attack[] = [
  byHand("by hand: a ballot", "one-ballot", ({ proposal }) => [
    `insert into federation.ballots (proposal, voter, choice, reason) values ('${proposal}', '${ANALYST}', 'yes', '')`,
    `update federation.ballots set choice = 'yes' where proposal = '${proposal}'`,
    `delete from federation.ballots where proposal = '${proposal}'`,
    "truncate federation.ballots cascade",
  ]),
  byHand("by hand: a voter", "one-ballot", ({ proposal, conversation }) => [
    `insert into federation.electorates (proposal, voter) values ('${proposal}', '${NEWCOMER}')`,
    `delete from federation.electorates where proposal = '${proposal}'`,
    `insert into federation.members (conversation, actor, votes) values ('${conversation}', '${NEWCOMER}', true)`,
    "update federation.members set votes = true",
    `insert into federation.hosting (actor, host, lease_until) values ('${LEAD}', '${DEVELOPER}', 'infinity')`,
    `update federation.hosting set host = '${DEVELOPER}', lease_until = 'infinity'`,
    "insert into federation.actors (name, kind, role, persona) values ('puppet', 'agent', 'lead', '{}')",
    "insert into federation.nodes (actor, login) values ('puppet', session_user)",
    `update federation.actors set kind = 'human', role = 'commander' where name = '${DEVELOPER}'`,
  ]),
  byHand("by hand: a proposal, or what became of it", "quorum-and-deadline", ({ proposal, conversation }) => [
    `insert into federation.proposals (id, conversation, round, author, title, body, text_sha256, state)
       values (gen_random_uuid(), '${conversation}', 1, '${DEVELOPER}', 'Mine', 'Mine.', '', 'accepted')`,
    `update federation.proposals set state = 'accepted' where id = '${proposal}'`,
    `update federation.missions set phase = 'assign' where conversation = '${conversation}'`,
    `select federation.decide_proposal('${proposal}', 'accepted', null, '{}')`,
    `select federation.enact_motion('${conversation}')`,
    `select federation.op_tally('${DEVELOPER}', '{}')`,
  ]),
  byHand("by hand: a version of the charter", "amendments", () => [
    "insert into federation.charter_versions select * from federation.charter_versions",
    "update federation.charter_versions set off = '{one-ballot}'",
    "delete from federation.charter_versions",
    `select federation.next_charter(null, '{}', '{}', '[]', 'vote', null, '', '${DEVELOPER}')`,
    "create or replace function federation.parameters() returns jsonb language sql as $$ select '{}'::jsonb $$",
  ]),
  byHand("by hand: a verdict, or a seal", "audit", () => [
    `insert into federation.verdicts (actor, action, allowed, reason, lawful, charter_version)
       values ('${LEAD}', 'vote', true, '', '', 0)`,
    "update federation.verdicts set allowed = true, article = null",
    "delete from federation.verdicts",
    "insert into federation.verdict_seals select * from federation.verdict_seals",
    "update federation.verdict_seals set sha256 = sha256('')",
    "delete from federation.verdict_seals",
    "select federation.seal_verdicts()",
  ]),
  {
    what: "a verdict of a foreign mission, or under a law that is not",
    against: "audit",
    on: "open",
    gate: (_, { doors }) => [doors.call(NEWCOMER, "record_verdict")],
    database: ({ conversation }, { doors }) =>
      [
        { conversation },
        { charterVersion: 99 },
        { charterVersion: null },
        { allowed: false, article: "obey-the-developer" },
      ].map((over) => doors.apply(NEWCOMER, { ...verdict, ...over })),
    ends: { gate: [NO_CALL], database: ["FD004 one-voice", "FD001 audit"] },
  },
];

const verdict = {
  op: "record_verdict",
  conversation: null,
  action: "vote",
  allowed: true,
  article: null,
  reason: "",
  lawful: "",
  charterVersion: 0,
};

export const attacksOnDecisions: readonly Attack[] = [...counting, ...deciding, ...forging];

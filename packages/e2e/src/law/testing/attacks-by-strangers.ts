import { ANALYST, COMMANDER, DEVELOPER, LEAD } from "@federation/store/testing";
import { type Attack, ballotCall, ballotOperation, DENIED, ONE_BALLOT, ONE_VOICE } from "./attack.ts";
import { NO_CALL } from "./doors.ts";
import { FORMER, GUEST, LATECOMER, LEAVER, LODGER, NEIGHBOUR, NEWCOMER, STRAY, WATCHER } from "./vote-cast.ts";

/** A ballot of who has none: by an actor of that node, or by one that the node claims to speak for. */
const byStranger = (what: string, node: string, ends: Attack["ends"], actor?: string): Attack => ({
  what,
  against: actor === undefined ? "one-ballot" : "one-voice",
  on: "open",
  gate: (ground, { doors }) => [
    doors.call(node, "cast_ballot", ballotCall(ground), actor === undefined ? {} : { actor }),
  ],
  database: (ground, { doors }) => [
    doors.apply(node, ballotOperation(ground), actor === undefined ? {} : { as: actor }),
  ],
  ends,
});

const sybil: readonly Attack[] = [
  byStranger("Sybil: an actor who came after the ballots opened", NEWCOMER, {
    gate: ["refused one-voice"],
    database: ["FD004 one-ballot"],
  }),
  byStranger("Sybil: one who was made a voting member after that", LATECOMER, ONE_BALLOT),
  byStranger("Sybil: a voter of another mission", NEIGHBOUR, {
    gate: ["refused one-voice"],
    database: ["FD004 one-ballot"],
  }),
  {
    ...byStranger("Sybil: an observer, also one who claims a role", WATCHER, {
      gate: ["forbidden", "refused one-voice"],
      database: ["FD004 one-ballot"],
    }),
    gate: (ground, { doors }) => [
      doors.call(WATCHER, "cast_ballot", ballotCall(ground)),
      doors.call(WATCHER, "cast_ballot", ballotCall(ground), { role: "developer" }),
    ],
  },
  byStranger("Sybil: a voter who has been retired, by its old login", LEAVER, {
    gate: ["unauthenticated one-voice"],
    database: ["FD002 one-voice"],
  }),
  byStranger("Sybil: an external actor that nobody hosts", DEVELOPER, ONE_VOICE, STRAY),
  byStranger("Sybil: an external actor that another daemon hosts", DEVELOPER, ONE_VOICE, GUEST),
  byStranger("Sybil: an external actor whose hosting ran out", DEVELOPER, ONE_VOICE, FORMER),
  {
    ...byStranger(
      "Sybil: an external actor, rightly hosted, where it is no member",
      DEVELOPER,
      {
        gate: { plan: ["refused one-voice"], motion: ["refused one-ballot"] },
        database: ["FD004 one-ballot"],
      },
      LODGER,
    ),
    against: "one-ballot",
  },
  {
    ...byStranger("Sybil: an external actor, rightly hosted, where it is a member", ANALYST, ONE_BALLOT, GUEST),
    against: "one-ballot",
  },
];

const forAnother: readonly Attack[] = [
  {
    what: "for another: the voter named beside one's own ballot",
    against: "one-voice",
    on: "voted",
    gate: (ground, { doors }) =>
      ["voter", "actor", "as", "sender"].map((field) =>
        doors.call(LEAD, "cast_ballot", ballotCall(ground, { [field]: ANALYST })),
      ),
    database: (ground, { doors }) => [
      doors.apply(LEAD, ballotOperation(ground, { voter: ANALYST, actor: ANALYST, me: ANALYST, as: ANALYST })),
    ],
    ends: { gate: ["invalid_input"], database: ["FD004 one-ballot"] },
  },
  byStranger("for another: an agent that has a daemon of its own", DEVELOPER, ONE_VOICE, ANALYST),
  {
    what: "for another: the commander, at somebody else's daemon",
    against: "one-voice",
    on: "open",
    gate: ({ proposal }, { doors }) => [
      doors.call(DEVELOPER, "veto_proposal", { proposal, reason: "No." }, { actor: COMMANDER }),
      doors.call(DEVELOPER, "withdraw_proposal", { proposal, reason: "No." }, { actor: LEAD }),
    ],
    database: (ground, { doors }) => [
      doors.apply(DEVELOPER, ballotOperation(ground), { as: COMMANDER }),
      doors.apply(DEVELOPER, { op: "veto", proposal: ground.proposal, reason: "No." }, { as: COMMANDER }),
      doors.apply(DEVELOPER, ballotOperation(ground), { as: "federation" }),
    ],
    ends: ONE_VOICE,
  },
  {
    what: "for another: as another role of the server",
    against: "one-voice",
    on: "open",
    gate: (_, { doors }) => [doors.call(DEVELOPER, "act_as")],
    database: (_, { doors, federation }) =>
      [LEAD, COMMANDER].flatMap((other) => [
        doors.sql(DEVELOPER, `set session authorization ${federation.credentials(other).login}`),
        doors.sql(DEVELOPER, `set role ${federation.credentials(other).login}`),
        doors.sql(DEVELOPER, "select federation.op_cast_ballot($1, '{}')", [other]),
      ]),
    ends: { gate: [NO_CALL], database: DENIED },
  },
];

export const attacksByStrangers: readonly Attack[] = [...sybil, ...forAnother];

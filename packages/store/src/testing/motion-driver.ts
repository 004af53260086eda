import { randomUUID } from "node:crypto";
import type { Amendment, Change, Choice, Outcome, Proposal } from "@federation/core";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD } from "./federation-fixture.ts";
import { driveMission, type MissionDriver } from "./mission-driver.ts";

/** Takes a motion through its phases, with comments and ballots chosen by the test. */
export interface MotionDriver extends MissionDriver {
  readonly proposal: string;
  /** Every agent that owes a comment makes it; then the ballots are open. */
  comment(): Promise<void>;
  /** Casts a ballot for each actor named, and makes the moves that follow. */
  vote(ballots: Readonly<Record<string, Choice>>): Promise<readonly string[]>;
  /** Lets the deadline of the present phase pass, and makes the moves that follow. */
  pass(): Promise<readonly string[]>;
  /** Ends it by a veto of the commander. */
  end(): Promise<readonly string[]>;
  /** What is proposed, as it stands. */
  proposed(): Promise<Proposal>;
  outcome(): Promise<Outcome | null>;
}

export interface MotionText {
  readonly kind?: "amendment" | "ratification" | "decision" | "task";
  readonly title?: string;
  readonly text?: string;
  readonly change?: Change | null;
  readonly motive?: string;
}

export const agents = [LEAD, DEVELOPER, ANALYST] as const;
/** The same ballot of every agent. */
export const everyone = (choice: Choice): Readonly<Record<string, Choice>> =>
  Object.fromEntries(agents.map((voter) => [voter, choice]));

export const setParameter = (
  path: string,
  value: Extract<Amendment, { change: "set_parameter" }>["value"],
): Amendment => {
  const [article = "", ...parameter] = path.split(".");
  return { change: "set_parameter", article, parameter: parameter.join("."), value };
};

export async function openMotion(federation: Federation, author: string, motion: MotionText): Promise<MotionDriver> {
  const { kind = "amendment", title = "A motion", text = "Let it be so.", change = null } = motion;
  const { motive = "A task was refused that should not have been." } = motion;
  const [id, proposal] = [randomUUID(), randomUUID()];
  await federation.apply(author, { op: "open_motion", id, proposal, kind, title, text, change, motive });
  const mission = driveMission(federation, id);
  return {
    ...mission,
    proposal,
    async comment() {
      for (const { actor, state } of (await mission.view()).obligations)
        if (state === "open") await mission.act(actor, { kind: "critique", proposal }, { text: "What does it cost?" });
      await mission.move();
    },
    async vote(ballots) {
      for (const [actor, choice] of Object.entries(ballots))
        await mission.act(actor, { kind: "vote", proposal, choice }, { text: "As I see it." });
      return await mission.move();
    },
    async pass() {
      await federation.owner(
        "update federation.missions set phase_deadline = clock_timestamp() where conversation = $1 and phase <> 'closed'",
        [id],
      );
      return await mission.move();
    },
    async end() {
      await federation.apply(COMMANDER, { op: "veto", proposal, reason: "The test is over." });
      return await mission.move();
    },
    async proposed() {
      const [only] = (await mission.view()).proposals;
      if (only === undefined) throw new Error("the motion has no proposal");
      return only;
    },
    outcome: async () => (await mission.view()).outcome,
  };
}

/** A motion that every agent votes for, and whose window passes. */
export async function enact(federation: Federation, author: string, motion: MotionText): Promise<MotionDriver> {
  const driver = await openMotion(federation, author, motion);
  if (motion.kind !== "ratification") await driver.comment();
  const { electorate } = await driver.proposed();
  await driver.vote(Object.fromEntries(electorate.map((voter) => [voter, "yes"])));
  await driver.pass();
  return driver;
}

/** The version of the charter in force. */
export async function charterOf(federation: Federation) {
  return await federation.store(COMMANDER).query("ShowCharter", {}, COMMANDER);
}

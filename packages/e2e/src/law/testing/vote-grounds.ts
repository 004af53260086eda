import { randomUUID } from "node:crypto";
import type { Choice, MissionView, Proposal } from "@federation/core";
import type { Store } from "@federation/runtime/ports";
import {
  ANALYST,
  COMMANDER,
  DEVELOPER,
  type Federation,
  LEAD,
  type MissionDriver,
  openMotion,
  setParameter,
  startFederation,
  startMission,
} from "@federation/store/testing";
import { type Doors, openDoors } from "./doors.ts";
import { arriveLate, FORMER, GUEST, LEAVER, populate, STRAY, secondDaemon, TWIN, WATCHER } from "./vote-cast.ts";
import { voteRows } from "./vote-rows.ts";

/** What is attacked: the plan of a mission and an amendment, each in every state a vote can be in. */
export type Kind = "plan" | "motion";
export const kinds: readonly Kind[] = ["plan", "motion"];

export interface Ground {
  readonly kind: Kind;
  readonly driver: MissionDriver;
  readonly conversation: string;
  readonly proposal: string;
  readonly textSha256: string;
  readonly phaseNo: number;
}

/**
 * `criticised`: nobody votes yet, and the deadline of the critique has passed. `open`: nobody has voted. `voted`: the lead
 * has. `late`: nobody has, and the deadline has passed unnoticed. The rest is after the vote.
 */
export type State =
  | "criticised"
  | "open"
  | "voted"
  | "late"
  | "accepted"
  | "rejected"
  | "vetoed"
  | "withdrawn"
  | "closed";

export interface Grounds {
  readonly federation: Federation;
  readonly doors: Doors;
  of(state: State, kind: Kind): Ground;
  /** One more that nobody has voted on. */
  another(kind: Kind): Promise<Ground>;
  /** One more that everybody is for and whose deadline has passed; nobody has counted yet. */
  uncounted(kind: Kind): Promise<Ground>;
  /** An accepted motion whose window has passed without a veto; it is not in force yet. */
  unenacted(): Promise<Ground>;
  /** A motion on an entrenched article: every agent voted yes, the commander abstained, and it was counted. */
  readonly entrenched: Ground;
  /** The call under which the lead cast its ballot on `voted`, followed by a hyphen and the kind. */
  readonly ballotCall: string;
  /** The daemon of `TWIN` that was taken over by a later one. */
  readonly olderDaemon: Store;
  /** Everything that a vote, its outcome or the charter consists of. */
  rows(): Promise<object>;
  end(): Promise<void>;
}

const voters = [LEAD, DEVELOPER, ANALYST, TWIN] as const;

export async function layGrounds(): Promise<Grounds> {
  const federation = await startFederation({
    parameters: (shipped) => ({ ...shipped, "human-veto": { windowMs: 600_000 } }),
  });
  const doors = openDoors(federation);
  await populate(federation);
  const stage = staging(federation);
  const grounds = new Map<string, Ground>();
  for (const kind of kinds) for (const state of states) grounds.set(`${state} ${kind}`, await stage.build(state, kind));
  const entrenched = await stage.entrenched();
  const of = (state: State, kind: Kind): Ground => {
    const ground = grounds.get(`${state} ${kind}`);
    if (ground === undefined) throw new Error(`no ground: ${state} ${kind}`);
    return ground;
  };
  const ballotCall = randomUUID();
  for (const kind of kinds) {
    const request = { proposal: of("voted", kind).proposal, choice: "no", reason: "Not like this." };
    await doors.call(LEAD, "cast_ballot", request, { callId: `${ballotCall}-${kind}` })();
  }
  await arriveLate(
    federation,
    kinds.map((kind) => of("open", kind)),
  );
  const olderDaemon = await secondDaemon(federation);
  return {
    federation,
    doors,
    of,
    another: (kind) => stage.build("open", kind),
    uncounted: stage.uncounted,
    unenacted: stage.unenacted,
    entrenched,
    ballotCall,
    olderDaemon,
    rows: () => voteRows(federation),
    end: async () => {
      await doors.close();
      await federation.drop();
    },
  };
}

const states: readonly State[] = [
  "closed",
  "criticised",
  "open",
  "voted",
  "late",
  "accepted",
  "rejected",
  "vetoed",
  "withdrawn",
];

function staging(federation: Federation) {
  let plans = 0;
  let motions = 0;
  /** Three open motions of one author are enough. */
  const authors = [DEVELOPER, ANALYST, COMMANDER, LEAD, TWIN];

  const expire = async ({ conversation }: Pick<Ground, "conversation">): Promise<void> => {
    await federation.owner(
      "update federation.missions set phase_deadline = clock_timestamp() where conversation = $1 and phase <> 'closed'",
      [conversation],
    );
  };
  const onlyProposal = (view: MissionView): Proposal => {
    const [proposal] = view.proposals;
    if (proposal === undefined) throw new Error("there is no proposal");
    return proposal;
  };
  const see = async (kind: Kind, driver: MissionDriver): Promise<Ground> => {
    const view = await driver.view();
    const { id, textSha256 } = onlyProposal(view);
    return { kind, driver, conversation: driver.id, proposal: id, textSha256, phaseNo: view.phaseNo };
  };
  const pass = async (driver: MissionDriver): Promise<void> => {
    await expire({ conversation: driver.id });
    await driver.move();
  };
  const begin = async (kind: Kind): Promise<MissionDriver> => {
    if (kind === "motion") {
      const author = authors[Math.floor(motions / 3) % authors.length] ?? DEVELOPER;
      return await openMotion(federation, author, { change: setParameter("budgets.talkPerPhase", 20 + motions++) });
    }
    const retired = await federation.owner<{ name: string }>(
      "select name from federation.actors where retired_at is not null",
    );
    const mission = await startMission(
      federation,
      [...voters, LEAVER, STRAY, GUEST, FORMER, WATCHER, COMMANDER]
        .filter((actor) => !retired.some(({ name }) => name === actor))
        .map((actor) => ({ actor, votes: ![WATCHER, COMMANDER, STRAY, GUEST, FORMER].includes(actor) })),
    );
    const text = `Double the pause, up to ${++plans} minutes.`;
    await mission.act(LEAD, { kind: "propose" }, { title: "Back off", text });
    await pass(mission);
    return mission;
  };
  const cast = async ({ proposal, textSha256 }: Ground, choice: Choice, actors: readonly string[]): Promise<void> => {
    for (const actor of actors)
      await federation.apply(actor, { op: "cast_ballot", proposal, choice, reason: "As I see it.", textSha256 });
  };
  const count = async (ground: Ground): Promise<void> => {
    await expire(ground);
    await federation.apply(LEAD, { op: "tally", conversation: ground.conversation, phaseNo: ground.phaseNo });
  };

  async function build(state: State, kind: Kind): Promise<Ground> {
    const driver = await begin(kind);
    if (state === "criticised") {
      await expire({ conversation: driver.id });
      return await see(kind, driver);
    }
    await pass(driver);
    const ground = await see(kind, driver);
    const { proposal } = ground;
    switch (state) {
      case "open":
      case "voted":
        return ground;
      case "late":
        await expire(ground);
        return ground;
      case "accepted":
        await cast(ground, "yes", voters);
        await count(ground);
        await driver.move();
        break;
      case "rejected":
        await cast(ground, "no", voters);
        await count(ground);
        break;
      case "withdrawn": {
        const { author } = onlyProposal(await driver.view());
        await federation.apply(author, { op: "withdraw_proposal", proposal, reason: "It was wrong." });
        break;
      }
      case "vetoed":
      case "closed":
        await federation.apply(COMMANDER, { op: "veto", proposal, reason: "Not on my watch." });
        if (state === "closed") await driver.move();
        break;
    }
    return await see(kind, driver);
  }

  return {
    build,
    async uncounted(kind: Kind): Promise<Ground> {
      const ground = await build("open", kind);
      await cast(ground, "yes", voters);
      await expire(ground);
      return ground;
    },
    async unenacted(): Promise<Ground> {
      const ground = await build("accepted", "motion");
      await expire(ground);
      return ground;
    },
    async entrenched(): Promise<Ground> {
      const change = setParameter("human-veto.windowMs", 1_000);
      const driver = await openMotion(federation, TWIN, { change });
      await pass(driver);
      const ground = await see("motion", driver);
      await cast(ground, "yes", voters);
      await cast(ground, "abstain", [COMMANDER]);
      await count(ground);
      return ground;
    },
  };
}

import { randomUUID } from "node:crypto";
import { defaultPersonas } from "@federation/core";
import type { Store } from "@federation/runtime/ports";
import { ANALYST, DEVELOPER, type Federation, LEAD, startMission } from "@federation/store/testing";

/** Who attacks a vote, beside those who have one. */

/** In every electorate: an agent with two daemons, and one who was retired since. */
export const TWIN = "twin";
export const LEAVER = "leaver";
/** Agents who came after the ballots opened; `LATECOMER` was made a voting member then, `NEIGHBOUR` votes in another mission. */
export const NEWCOMER = "newcomer";
export const LATECOMER = "latecomer";
export const NEIGHBOUR = "neighbour";
export const WATCHER = "watcher";
/** External actors: hosted by nobody, by the analyst, once by the developer, by the developer. The last is in no plan. */
export const STRAY = "stray";
export const GUEST = "guest";
export const FORMER = "former";
export const LODGER = "lodger";

export async function populate(federation: Federation): Promise<void> {
  await federation.addNode(TWIN, "analyst");
  await federation.addNode(LEAVER, "analyst");
  await federation.addNode(WATCHER, "observer");
  for (const name of [STRAY, GUEST, FORMER, LODGER])
    await federation.owner(
      "insert into federation.actors (name, kind, role, persona) values ($1, 'external', 'developer', $2)",
      [name, JSON.stringify(defaultPersonas.developer)],
    );
  for (const [actor, host, lease] of [
    [GUEST, ANALYST, "1 hour"],
    [FORMER, DEVELOPER, "-1 s"],
    [LODGER, DEVELOPER, "1 hour"],
  ] as const)
    await federation.owner(
      `with c as (insert into federation.credentials (actor, token_sha256)
         values ($1, sha256(convert_to(gen_random_uuid()::text, 'UTF8'))) returning id)
       insert into federation.hosting (actor, host, lease_until, credentials) select $1, $2, clock_timestamp() + $3::interval, array[id] from c`,
      [actor, host, lease],
    );
}

/** Those who were not there when the ballots opened, and one who has left since. */
export async function arriveLate(
  federation: Federation,
  open: readonly { readonly conversation: string }[],
): Promise<void> {
  for (const name of [NEWCOMER, LATECOMER, NEIGHBOUR]) await federation.addNode(name, "analyst");
  for (const { conversation } of open)
    await federation.owner("insert into federation.members (conversation, actor, votes) values ($1, $2, true)", [
      conversation,
      LATECOMER,
    ]);
  await startMission(federation, [
    { actor: LEAD, votes: true },
    { actor: NEIGHBOUR, votes: true },
  ]);
  await federation.owner("update federation.actors set retired_at = clock_timestamp() where name = $1", [LEAVER]);
}

/** Opens a later daemon of the twin, and goes back to the one the fixture has: what is left is the older one. */
export async function secondDaemon(federation: Federation): Promise<Store> {
  const older = federation.connect(TWIN);
  for (const store of [older, federation.store(TWIN)]) {
    const opened = await store.open({ instance: randomUUID(), takeOver: true, version: "0.1.0" });
    if (opened.outcome !== "opened") throw new Error("the twin is occupied");
  }
  return older;
}

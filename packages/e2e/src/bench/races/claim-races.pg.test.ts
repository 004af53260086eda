import { expect, test } from "vitest";
import { runClaimRaces } from "./claim-races.ts";

test("of 2, 8 and 64 who claim at once exactly one wins, the others learn who, and no stale write is made", async () => {
  const plans = [
    { ways: 2, races: 40 },
    { ways: 8, races: 20 },
    { ways: 64, races: 10 },
  ];
  for (const it of await runClaimRaces(plans)) {
    expect(it).toMatchObject({ winners: it.races, losersTold: it.races * (it.ways - 1), wrong: 0 });
    expect(it.staleTried).toBeGreaterThan(it.races);
    expect(it.staleRefused).toBe(it.staleTried);
  }
}, 60_000);

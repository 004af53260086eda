import { expect, test } from "vitest";
import { badCodeBreaches } from "./bad-code-table.ts";
import { breachesOf } from "./breaches.ts";
import { measure } from "./contenders.ts";
import { tryBadCode } from "./try-bad-code.ts";
import { badCode } from "./wayward.ts";

test("five reloads by signal and by tool under 200 calls over WebSocket, HTTP and stdio drop, mistake and double none, and the model stays", async () => {
  const outcome = await measure("ours", { calls: 200, reloads: 5, everyMs: 3_000 });
  expect(breachesOf(outcome)).toEqual([]);
  expect(outcome).toMatchObject({
    figures: { calls: 200, reloads: 5, failedReloads: 0, dropped: 0, wrong: 0, doubled: 0 },
    model: { before: [expect.any(Number)] },
  });
  // Had no call been under way during a reload, nothing would have been shown.
  expect("figures" in outcome && outcome.figures.pause.count).toBeGreaterThan(20);
}, 180_000);

test("the small server behind our stub is replaced five times under 200 calls without loss", async () => {
  const outcome = await measure("ours-small", { calls: 200, reloads: 5, everyMs: 2_000 });
  expect(breachesOf(outcome)).toEqual([]);
  expect(outcome).toMatchObject({ figures: { calls: 200, failedReloads: 0, dropped: 0, wrong: 0, doubled: 0 } });
}, 120_000);

test("a restart by the host loses calls and sessions under the same measurement: it can fail", async () => {
  const outcome = await measure("plain-small", { calls: 100, reloads: 2, everyMs: 1_000 });
  expect(outcome).toMatchObject({ sessionsLost: 2 });
  expect("figures" in outcome && outcome.figures.dropped).toBeGreaterThan(0);
}, 60_000);

test("new code that is no good is found out at its stage within a second of its fault, and no call is lost to it", async () => {
  const tried = await tryBadCode(badCode, { calls: 60, everyMs: 4_000 });
  expect(tried.flatMap(badCodeBreaches)).toEqual([]);
  expect(tried).toHaveLength(badCode.length);
}, 300_000);

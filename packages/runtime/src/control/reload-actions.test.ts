import { MeshError } from "@federation/core";
import { expect, test } from "vitest";
import { createVirtualClock } from "../timing/clock-fixture.ts";
import { silentLog } from "../timing/log-fixture.ts";
import { createStop } from "../timing/stop.ts";
import { recordReload } from "./reload-actions.ts";

const ended = { reload: "r", stage: "health", reason: "no answer", tookMs: 900 } as const;

function rig(answer: (attempt: number) => void) {
  const clock = createVirtualClock();
  const stop = createStop();
  const calls: { readonly callId: string }[] = [];
  let made = 0;
  const recorded = recordReload(
    {
      store: {
        apply: async (call) => {
          calls.push(call);
          answer(calls.length);
          return { replayed: false, results: [{}] };
        },
      },
      clock,
      random: { uuid: () => `made-${++made}`, fraction: () => 0 },
      log: silentLog,
      signal: stop.signal,
    },
    ended,
  );
  return { clock, stop, calls, recorded };
}

test("the end of a reload is recorded under a call id that nobody can have used before", async () => {
  const r = rig(() => {});
  await r.recorded;
  expect(r.calls).toEqual([
    {
      callId: "made-1",
      command: "RecordReload",
      operations: [{ op: "record_reload", id: "r", stage: "health", reason: "no answer", tookMs: 900 }],
    },
  ]);
});

test("a database that is away is asked again, and not for ever", async () => {
  const back = rig((attempt) => {
    if (attempt < 3) throw new MeshError("unavailable", "Away.");
  });
  await back.clock.advance(10_000);
  await back.recorded;
  expect(back.calls).toHaveLength(3);
  expect(new Set(back.calls.map(({ callId }) => callId)).size).toBe(1);
  const away = rig(() => {
    throw new MeshError("unavailable", "Away.");
  });
  await away.clock.advance(300_000);
  await away.recorded;
  expect(away.calls).toHaveLength(6);
});

test("what the database refuses is not repeated, and nothing is tried once the node leaves", async () => {
  const refused = rig(() => {
    throw new MeshError("conflict", "It is on record already.");
  });
  await refused.recorded;
  expect(refused.calls).toHaveLength(1);
  const leaving = rig(() => {
    throw new MeshError("unavailable", "Away.");
  });
  await leaving.clock.advance(100);
  leaving.stop.stop();
  await leaving.recorded;
  expect(leaving.calls).toHaveLength(1);
});

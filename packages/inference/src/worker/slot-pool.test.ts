import { expect, test } from "vitest";
import { createSlotPool } from "./slot-pool.ts";

const never = new AbortController().signal;

test("an actor gets its own slot back, though others are free", async () => {
  const pool = createSlotPool(["s0", "s1", "s2"]);
  for (const actor of ["a", "b", "c"]) (await pool.acquire(actor, never)).release();
  const first = await pool.acquire("b", never);
  expect(first.value).toBe("s1");
  first.release();
  expect((await pool.acquire("c", never)).value).toBe("s2");
});

test("a newcomer takes a slot nobody owns, then the one unused for longest", async () => {
  const pool = createSlotPool(["s0", "s1"]);
  (await pool.acquire("a", never)).release();
  const second = await pool.acquire("b", never);
  expect(second.value).toBe("s1");
  second.release();
  (await pool.acquire("a", never)).release();
  expect((await pool.acquire("new", never)).value).toBe("s1");
});

test("waiters are served in order, each once, and one that aborts leaves the queue", async () => {
  const pool = createSlotPool(["only"]);
  const held = await pool.acquire("a", never);
  const order: string[] = [];
  const leaving = new AbortController();
  const wait = (actor: string, signal: AbortSignal): Promise<void> =>
    pool.acquire(actor, signal).then(
      (lease) => {
        order.push(actor);
        lease.release();
      },
      () => {
        order.push(`${actor} left`);
      },
    );
  const all = [wait("b", never), wait("c", leaving.signal), wait("d", never)];
  expect(pool.waiting).toBe(3);
  leaving.abort(new Error("enough"));
  held.release();
  held.release();
  await Promise.all(all);
  expect(order).toEqual(["c left", "b", "d"]);
  expect(pool.waiting).toBe(0);
  await expect(pool.acquire("e", AbortSignal.abort(new Error("late")))).rejects.toThrow("late");
});

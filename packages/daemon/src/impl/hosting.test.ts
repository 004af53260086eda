import { MeshError } from "@federation/core";
import type { Principal } from "@federation/runtime/ports";
import { beforeEach, expect, test } from "vitest";
import { createHosting, type Hosting } from "./hosting.ts";

const limits = { ttlMs: 15_000, renewMs: 2_000, lingerMs: 3_000, freshMs: 1_000 };
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const guest = (credential: string, actor = "guest"): Principal => ({
  actor,
  role: "developer",
  kind: "external",
  scopes: ["read", "act"],
  credential,
});

let nowMs = 0;
let active = true;
let elsewhere: readonly string[] = [];
let asked: string[] = [];
let hosting: Hosting;
beforeEach(() => {
  [nowMs, active, elsewhere, asked] = [0, true, [], []];
  hosting = createHosting({
    store: {
      hostActor: async (credential) => {
        asked.push(`host ${credential}`);
        if (credential === "over") throw new MeshError("unauthenticated", "It is over.");
      },
      renewHosting: async (credentials) => {
        asked.push(`renew ${credentials.join(" ")}`);
        const actors = credentials.map((credential) => (credential.startsWith("o") ? "other" : "guest"));
        return [...new Set(actors)].filter((actor) => !elsewhere.includes(actor));
      },
      endHosting: async (actor) => void asked.push(`end ${actor}`),
    },
    clock: { nowMs: () => nowMs },
    log,
    active: () => active,
    limits,
  });
});
const after = async (ms: number) => {
  nowMs += ms;
  return await hosting.tend();
};

test("an actor with a daemon of its own is not hosted", async () => {
  const own: Principal = { ...guest("a"), kind: "agent" };
  await hosting.begin(own);
  hosting.hold(own);
  hosting.release(own);
  await after(60_000);
  expect(asked).toEqual([]);
});

test("a hosting is renewed while there is a session, under all tokens they have, and ends a moment after the last", async () => {
  await hosting.begin(guest("a"));
  hosting.hold(guest("a"));
  hosting.hold(guest("b"));
  await after(1_999);
  expect(asked).toEqual(["host a"]);
  await after(1);
  hosting.release(guest("a"));
  await after(2_000);
  expect(asked.slice(1)).toEqual(["renew a b", "renew b a"]);
  hosting.release(guest("b"));
  asked.length = 0;
  await after(2_999);
  expect(asked.filter((it) => it.startsWith("end"))).toEqual([]);
  await after(1);
  expect(asked).toContain("end guest");
  asked.length = 0;
  await after(60_000);
  expect(asked).toEqual([]);
});

test("clients that come again and again, each for one call, have one hosting", async () => {
  for (let call = 0; call < 10; call++) {
    await hosting.begin(guest("a"));
    hosting.hold(guest("a"));
    hosting.release(guest("a"));
    await after(90);
  }
  expect(asked).toEqual(["host a"]);
});

test("a hosting under one token is begun again for another, which may allow more", async () => {
  await hosting.begin(guest("a"));
  await hosting.begin(guest("b"));
  expect(asked).toEqual(["host a", "host b"]);
});

test("a hosting that was last heard of a while ago is begun again: the newest host wins", async () => {
  await hosting.begin(guest("a"));
  hosting.hold(guest("a"));
  nowMs += 1_000;
  await hosting.begin(guest("a"));
  expect(asked).toEqual(["host a", "host a"]);
});

test("an actor that another node has taken is named once, and is no more renewed", async () => {
  await hosting.begin(guest("a"));
  hosting.hold(guest("a"));
  await hosting.begin(guest("o", "other"));
  hosting.hold(guest("o", "other"));
  elsewhere = ["guest"];
  expect(await after(2_000)).toEqual(["guest"]);
  hosting.release(guest("a"));
  expect(await after(2_000)).toEqual([]);
  expect(asked.at(-1)).toBe("renew o");
});

test("a token that is over hosts nobody", async () => {
  await expect(hosting.begin(guest("over"))).rejects.toMatchObject({ code: "unauthenticated" });
  await after(60_000);
  expect(asked).toEqual(["host over"]);
});

test("an impl that took a session over renews its hosting at once, and ends none until it has the loops", async () => {
  active = false;
  hosting.hold(guest("a"));
  await after(0);
  expect(asked).toEqual(["renew a"]);
  hosting.release(guest("a"));
  await after(10_000);
  expect(asked).toEqual(["renew a"]);
});

test("a node that leaves ends all of it", async () => {
  await hosting.begin(guest("a"));
  hosting.hold(guest("a"));
  await hosting.begin(guest("o", "other"));
  await hosting.leave();
  expect(asked.slice(2).toSorted()).toEqual(["end guest", "end other"]);
});

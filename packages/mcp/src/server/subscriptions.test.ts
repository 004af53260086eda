import type { MeshEvent } from "@federation/core";
import { expect, test } from "vitest";
import { createHandFedChanges } from "../testing/index.ts";
import { createSubscriptions } from "./subscriptions.ts";

function rig() {
  const changes = createHandFedChanges();
  const told: string[] = [];
  const subscriptions = createSubscriptions({
    actor: "ann",
    changes: changes.feed,
    updated: (uri) => void told.push(uri),
    listsChanged: () => void told.push("lists"),
  });
  return { changes, told, subscriptions };
}

const of = (...uris: readonly string[]) => ({ uris, lists: false });
const charter = "federation://charter";
const changed = { kind: "CharterChanged" };

test("what two subscriptions name is told once", async () => {
  const r = rig();
  await r.subscriptions.add("a", of(charter));
  await r.subscriptions.add("b", of(charter, "federation://roster"));
  r.changes.happens("ann", changed, changed);
  expect(r.told).toEqual([charter]);
});

test("nobody watches for a session without subscriptions, before, after, or when it is closed", async () => {
  const r = rig();
  expect(r.changes.watched()).toEqual([]);
  await r.subscriptions.add("a", of(charter));
  expect(r.changes.watched()).toEqual(["ann"]);
  r.subscriptions.remove("a");
  await expect.poll(r.changes.watched).toEqual([]);
  await r.subscriptions.add("a", of(charter));
  r.subscriptions.close();
  await expect.poll(r.changes.watched).toEqual([]);
});

test("one that was given up before it began is none", async () => {
  const begun = Promise.withResolvers<() => void>();
  let ended = false;
  const heard: ((events: readonly MeshEvent[]) => void)[] = [];
  const subscriptions = createSubscriptions({
    actor: "ann",
    changes: {
      watch: (_actor, listener) => {
        heard.push(listener);
        return begun.promise;
      },
    },
    updated: () => {
      throw new Error("told of what nobody wants");
    },
    listsChanged: () => {},
  });
  const adding = subscriptions.add("a", of(charter));
  subscriptions.remove("a");
  begun.resolve(() => {
    ended = true;
  });
  await adding;
  expect(subscriptions.has("a")).toBe(false);
  await expect.poll(() => ended).toBe(true);
});

test("one that cannot begin is none, and the next one tries again", async () => {
  const r = rig();
  r.changes.setAway(true);
  await expect(r.subscriptions.add("a", of(charter))).rejects.toMatchObject({ code: "unavailable" });
  expect(r.subscriptions.has("a")).toBe(false);
  r.changes.setAway(false);
  await r.subscriptions.add("a", of(charter));
  r.changes.happens("ann", changed);
  expect(r.told).toEqual([charter]);
});

test("there are so many and no more, and a URI is so long and no longer", async () => {
  const r = rig();
  const many = Array.from({ length: 256 }, (_, n) => `federation://tasks/${n}`);
  await r.subscriptions.add("a", of(...many));
  await expect(r.subscriptions.add("b", of(charter))).rejects.toMatchObject({ code: "limit_exceeded" });
  r.subscriptions.remove("a");
  await expect(r.subscriptions.add("b", of("x".repeat(1001)))).rejects.toMatchObject({ code: "invalid_input" });
  await r.subscriptions.add("b", of(charter));
});

test("without a feed a subscription is taken, and nothing is ever told", async () => {
  const subscriptions = createSubscriptions({
    actor: "ann",
    changes: undefined,
    updated: () => {},
    listsChanged: () => {},
  });
  await subscriptions.add("a", of(charter));
  expect(subscriptions.has("a")).toBe(true);
});

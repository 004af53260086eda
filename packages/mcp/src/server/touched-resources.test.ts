import { readdirSync, readFileSync } from "node:fs";
import { missionViewSchema } from "@federation/core";
import { expect, test } from "vitest";
import { fixedResources, resourceFamilies } from "./resource-table.ts";
import { covers, effects, touchedBy } from "./touched-resources.ts";

const { tasks, kind: conversationKind } = missionViewSchema.shape;
// The assembly is where motions are opened: no row, and never closed.
const closing = conversationKind.options.filter((kind) => kind !== "assembly");
const functions = new URL("../../../../migrations/functions/", import.meta.url);
const id = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0001";
const conversation = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0002";
const event = (kind: string) => ({ kind, subject: id, conversation });
const capital = (word: string) => `${word[0]?.toUpperCase()}${word.slice(1)}`;

/** The kinds that the database's functions write, computed ones spelled out. */
function emitted(): readonly string[] {
  const kinds: string[] = [];
  for (const file of readdirSync(functions).filter((name) => name.endsWith(".sql"))) {
    const calls = readFileSync(new URL(file, functions), "utf8").matchAll(
      /perform emit\(([\s\S]*?),\s*(?:\w+\.)?\w+(?: ->> '\w+')?,/g,
    );
    for (const [, kind = ""] of calls) {
      if (kind.startsWith("'Task' ||"))
        kinds.push(...tasks.element.shape.state.options.map((it) => `Task${capital(it)}`));
      else if (kind.endsWith("|| 'Closed'")) kinds.push(...closing.map((it) => `${capital(it)}Closed`));
      else kinds.push(...[...kind.matchAll(/'([A-Z]\w+)'/g)].map(([, name = ""]) => name));
    }
  }
  return [...new Set(kinds)];
}

test("every kind of event that the database writes is in the table, and no other", () => {
  const kinds = emitted();
  expect(kinds.length).toBeGreaterThan(40);
  expect(kinds.filter((kind) => !Object.hasOwn(effects, kind))).toEqual([]);
  expect(Object.keys(effects).filter((kind) => !kinds.includes(kind))).toEqual([]);
});

test("what an event touches is a resource that there is", () => {
  const bases = [...fixedResources.map((it) => it.uri), ...resourceFamilies.map((it) => `federation://${it.family}/`)];
  for (const kind of Object.keys(effects)) {
    for (const uri of touchedBy(event(kind)).uris) {
      expect(
        bases.some((base) => uri === base || (base.endsWith("/") && uri.startsWith(base))),
        `${kind}: ${uri}`,
      ).toBe(true);
    }
  }
});

test("a task that moved touches the tasks, itself, its mission and the log", () => {
  expect(touchedBy(event("TaskClaimed"))).toEqual({
    uris: [
      "federation://events",
      "federation://tasks",
      `federation://tasks/${id}`,
      `federation://missions/${conversation}`,
      "federation://waiting",
    ],
    list: false,
  });
});

test("an event without a conversation touches no mission", () => {
  expect(touchedBy({ kind: "PhaseEntered", subject: "vote", conversation: null }).uris).not.toContainEqual(
    expect.stringContaining("missions/"),
  );
});

test("what this build does not know touches the log, and may have changed any list", () => {
  expect(touchedBy(event("RocketLaunched"))).toEqual({ uris: ["federation://events"], list: true });
  expect(touchedBy(event("constructor"))).toEqual({ uris: ["federation://events"], list: true });
});

test("a subscription with parameters hears of its resource; one of a family hears of what touches them all", () => {
  expect(covers("federation://events", "federation://events?after=7.8.9")).toBe(true);
  expect(covers("federation://proposals/", `federation://proposals/${id}`)).toBe(true);
  expect(covers("federation://proposals/", "federation://proposals")).toBe(false);
  expect(covers("federation://tasks", `federation://tasks/${id}`)).toBe(false);
});

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { MeshEvent } from "@federation/core";
import type { EventFilter } from "@federation/runtime/ports";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";
import { startMission, toVote } from "./testing/mission-driver.ts";

let federation: Federation;
let mission: string;
/** A conversation of the lead and the analyst. */
const aside = randomUUID();
beforeAll(async () => {
  federation = await startFederation();
  const driver = await startMission(federation);
  mission = driver.id;
  await toVote(driver);
  await federation.apply(LEAD, { op: "start_thread", id: aside, title: "Aside", members: [ANALYST] });
  for (const text of ["A word.", "Another word."]) await federation.apply(LEAD, say(aside, text));
  await federation.logSettled();
});
afterAll(() => federation.drop());

const say = (conversation: string, text: string) =>
  ({
    op: "send_message",
    id: randomUUID(),
    conversation,
    recipient: null,
    kind: "say",
    text,
    about: null,
    causation: null,
  }) as const;
const remember = (text: string) =>
  ({ op: "remember", id: randomUUID(), conversation: null, text, source: "human" }) as const;

const store = (actor = COMMANDER) => federation.store(actor);
const everything = async (filter: EventFilter = {}, actor = COMMANDER): Promise<readonly MeshEvent[]> =>
  (await store(actor).events(null, 1_000, filter)).events;
const cursors = (events: readonly MeshEvent[]) => events.map((event) => event.cursor);

/** All pages before the end, in the order of the log. */
async function readBack(pageSize: number, filter: EventFilter = {}, actor = COMMANDER): Promise<readonly MeshEvent[]> {
  let all: readonly MeshEvent[] = [];
  for (let before: string | null = null; ; ) {
    const page = await store(actor).eventsBefore(before, pageSize, filter);
    expect(page.events.length).toBeLessThanOrEqual(pageSize);
    all = [...page.events, ...all];
    if (page.cursor === null) return all;
    before = page.cursor;
  }
}

describe("reading backwards", () => {
  test.each([1, 7, 1_000])(
    "in pages of %i gives what reading forwards gives, once and in the same order",
    async (size) => {
      const all = await everything();
      expect(all.length).toBeGreaterThan(20);
      expect(await readBack(size)).toEqual(all);
    },
  );

  test("says that nothing lies before the first event, also in a page that is full", async () => {
    const all = await everything();
    const [first, second] = all;
    expect(await store().eventsBefore(second?.cursor ?? "", 1)).toEqual({ events: [first], cursor: null });
    expect(await store().eventsBefore(first?.cursor ?? "", 5)).toEqual({ events: [], cursor: null });
    expect((await store().eventsBefore(null, all.length)).cursor).toBeNull();
    expect((await store().eventsBefore(null, all.length - 1)).cursor).toBe(second?.cursor);
  });

  test("begins at the latest event that can be read: what is under way comes with a later reading", async () => {
    const last = (await everything()).at(-1);
    const slow = await federation.raw(DEVELOPER);
    const context = JSON.stringify({ generation: 1, epoch: 1, callId: randomUUID(), command: "Test" });
    await slow.query("begin");
    await slow.query("select federation.apply($1, $2)", [context, JSON.stringify([remember("slow")])]);
    await federation.apply(LEAD, remember("quick"));
    expect((await store().eventsBefore(null, 1)).events).toEqual([last]);
    await slow.query("commit");
    await federation.logSettled();
    const texts = (await store().eventsBefore(null, 2)).events.map((event) => event.data["text"]);
    expect(texts).toEqual(["slow", "quick"]);
  });
});

describe("reading forwards", () => {
  test("moves its cursor on over what does not fit, so that nothing is looked through twice", async () => {
    const empty = await store().events(null, 50, { kinds: ["NoSuchThing"] });
    expect(empty.events).toEqual([]);
    expect(await store().countEvents({ after: empty.cursor, upTo: null })).toMatchObject({ count: 0 });
    await federation.apply(LEAD, remember("later"));
    await federation.logSettled();
    expect((await store().events(empty.cursor, 50)).events).toMatchObject([{ data: { text: "later" } }]);
  });

  test("never moves its cursor back", async () => {
    const end = await store().eventEnd();
    const [epoch, xact = "", id] = end.split(".");
    const ahead = `${epoch}.${BigInt(xact) + 1_000n}.${id}`;
    expect((await store().events(ahead, 5)).cursor).toBe(ahead);
  });
});

describe("a filter", () => {
  test("takes any of its parts alone or together, as picking from all events would, in both directions", async () => {
    const all = await everything();
    const of = <T>(pick: (event: MeshEvent) => T | null) =>
      fc.option(fc.constantFrom(...new Set(all.flatMap((event) => pick(event) ?? []))), { nil: undefined });
    const filters = fc.record({
      conversation: of((event) => event.conversation),
      actor: of((event) => event.actor),
      subject: of((event) => event.subject),
      kinds: fc.option(fc.uniqueArray(fc.constantFrom(...new Set(all.map((e) => e.kind))), { maxLength: 4 }), {
        nil: undefined,
      }),
    });
    const fits = (event: MeshEvent, f: EventFilter): boolean =>
      (f.conversation === undefined || event.conversation === f.conversation) &&
      (f.actor === undefined || event.actor === f.actor) &&
      (f.subject === undefined || event.subject === f.subject) &&
      (f.kinds === undefined || f.kinds.includes(event.kind));
    await fc.assert(
      fc.asyncProperty(filters, fc.integer({ min: 1, max: 9 }), async (filter, pageSize) => {
        const wanted = cursors(all.filter((event) => fits(event, filter)));
        expect(cursors(await everything(filter))).toEqual(wanted);
        expect(cursors(await readBack(pageSize, filter))).toEqual(wanted);
        const { count } = await store().countEvents({ after: null, upTo: null }, filter);
        expect(count).toBe(wanted.length);
      }),
      { numRuns: 60 },
    );
  });

  test("finds letters in kind, actor, subject and data, in either case, and takes them as nothing but letters", async () => {
    const texts = [
      "Fünf Äpfel",
      "100 % of_it",
      "a\\b",
      'she said "no"',
      "one\ntwo",
      "a.b*c(d)[e]",
      "***=x",
      "\u{1F9EA} trial",
    ];
    for (const text of texts) await federation.apply(ANALYST, remember(text));
    await federation.logSettled();
    const found = async (text: string): Promise<readonly unknown[]> =>
      (await everything({ text, kinds: ["EpisodeRemembered"] })).map((event) => event.data["text"]);
    for (const text of texts) expect(await found(text), text).toEqual([text]);
    expect(await found("fÜNF äpf")).toEqual(["Fünf Äpfel"]);
    expect(await found("%")).toEqual(["100 % of_it"]);
    expect(await found("of_i")).toEqual(["100 % of_it"]);
    expect(await found("ofxi")).toEqual([]);
    expect(await found("a.b")).toEqual(["a.b*c(d)[e]"]);
    expect(await found("a.*e")).toEqual([]);
    expect(await found("(?i)fünf")).toEqual([]);
    const all = await everything();
    const ballot = all.find((event) => event.subject !== null && event.actor !== null);
    for (const text of [ballot?.subject ?? "", (ballot?.subject ?? "").toUpperCase().slice(3, 20)])
      expect(cursors(await everything({ text }))).toContain(ballot?.cursor);
    expect(cursors(await everything({ text: "phaseENTERED" }))).toEqual(
      cursors(all.filter((event) => event.kind === "PhaseEntered")),
    );
    expect((await everything({ text: ANALYST.toUpperCase() })).length).toBeGreaterThan(5);
  });

  test("is no part of the statement", async () => {
    for (const text of ["'; drop schema federation cascade; --", "$1", "%s", "') or true --"])
      for (const filter of [{ text }, { actor: text }, { subject: text }, { kinds: [text] }])
        expect(await everything(filter), JSON.stringify(filter)).toEqual([]);
  });
});

describe("what one may not see", () => {
  test("is neither read in any direction nor counted", async () => {
    const filter = { conversation: aside };
    for (const actor of [LEAD, ANALYST, COMMANDER]) {
      expect(await everything(filter, actor), actor).toHaveLength(2);
      expect(await readBack(1, filter, actor), actor).toHaveLength(2);
      expect(await store(actor).countEvents({ after: null, upTo: null }, filter), actor).toMatchObject({ count: 2 });
    }
    expect(await everything(filter, DEVELOPER)).toEqual([]);
    expect(await readBack(5, filter, DEVELOPER)).toEqual([]);
    expect(await store(DEVELOPER).countEvents({ after: null, upTo: null }, filter)).toMatchObject({ count: 0 });
    // Through the node of somebody who may see it, neither.
    expect((await store(LEAD).eventsBefore(null, 5, filter, DEVELOPER)).events).toEqual([]);
    expect(await store(LEAD).countEvents({ after: null, upTo: null }, filter, DEVELOPER)).toMatchObject({ count: 0 });
    expect(await everything({ text: "Another word" }, DEVELOPER)).toEqual([]);
  });
});

describe("a count between two cursors", () => {
  test("leaves out the first and takes in the second", async () => {
    const all = await everything({ conversation: mission });
    const [after, upTo] = [all[3]?.cursor ?? "", all[8]?.cursor ?? ""];
    const filter = { conversation: mission };
    expect(await store().countEvents({ after, upTo }, filter)).toEqual({ count: 5, upTo });
    expect(await store().countEvents({ after: upTo, upTo: after }, filter)).toMatchObject({ count: 0 });
    expect(await store().countEvents({ after: upTo, upTo }, filter)).toMatchObject({ count: 0 });
  });

  test("goes no further than can be read, and says how far it went", async () => {
    const end = await store().eventEnd();
    const [epoch, xact = ""] = end.split(".");
    const ahead = `${epoch}.${BigInt(xact) + 1_000_000n}.1`;
    const counted = await store().countEvents({ after: null, upTo: ahead });
    expect(counted.upTo).not.toBe(ahead);
    expect(counted.count).toBe((await everything()).length);
  });

  test("refuses a cursor that is none, or of another history", async () => {
    const count = (range: { after: string | null; upTo: string | null }) => store().countEvents(range);
    await expect(count({ after: "x", upTo: null })).rejects.toMatchObject({ code: "invalid_input" });
    await expect(count({ after: null, upTo: "1.2" })).rejects.toMatchObject({ code: "invalid_input" });
    await expect(count({ after: `${randomUUID()}.1.1`, upTo: null })).rejects.toMatchObject({ code: "conflict" });
    await expect(store().eventsBefore(`${randomUUID()}.1.1`, 5)).rejects.toMatchObject({ code: "conflict" });
  });

  test("is what reading yields, however late others commit: at any moment, from any cursor, in pages of any size", async () => {
    const writers = [LEAD, DEVELOPER, ANALYST];
    const clients = await Promise.all([...writers, ...writers].map((actor) => federation.raw(actor)));
    const began = (await everything()).at(-1)?.cursor ?? "";
    const giveUpMs = performance.now() + 20_000;
    const counted: { after: string; upTo: string; count: number; filter: EventFilter }[] = [];
    // The log waits for what runs in any database of the server, so nobody knows how many writes it takes.
    const enough = () =>
      performance.now() > giveUpMs || (counted.length > 20 && new Set(counted.map((it) => it.count)).size > 5);
    let writing = true;
    const write = async (client: (typeof clients)[number], actor: string): Promise<void> => {
      const context = { generation: 1, epoch: 1, command: "Test" };
      for (let n = 0; !enough(); n++) {
        await client.query("begin");
        const ops = [remember(`${actor} ${n}`), ...(n % 3 === 0 ? [remember("twice")] : [])];
        await client.query("select federation.apply($1, $2)", [
          JSON.stringify({ ...context, callId: randomUUID() }),
          JSON.stringify(ops),
        ]);
        await sleep(Math.random() * 30);
        await client.query("commit");
      }
    };
    const written = Promise.all(clients.map((client, i) => write(client, writers[i % 3] ?? ""))).then(() => {
      writing = false;
    });
    const filters: readonly EventFilter[] = [{}, { actor: LEAD }, { text: "twice" }, { kinds: ["EpisodeRemembered"] }];
    const seen = [began];
    while (writing) {
      const filter = filters[Math.floor(Math.random() * filters.length)] ?? {};
      const after = seen[Math.floor(Math.random() * seen.length)] ?? began;
      const { count, upTo } = await store().countEvents({ after, upTo: null }, filter);
      counted.push({ after, upTo, count, filter });
      const page = await store().events(seen.at(-1) ?? null, 1 + Math.floor(Math.random() * 5));
      if (page.events.length > 0) seen.push(...cursors(page.events));
    }
    await written;
    await federation.logSettled();
    expect(counted.length).toBeGreaterThan(20);
    expect(new Set(counted.map((it) => it.count)).size).toBeGreaterThan(5);
    for (const { after, upTo, count, filter } of counted) {
      const pageSize = 1 + Math.floor(Math.random() * 9);
      const read: string[] = [];
      for (let cursor = after; ; ) {
        const page = await store().events(cursor, pageSize, filter);
        const within = cursors(page.events).filter((it) => isNotBehind(it, upTo));
        read.push(...within);
        if (within.length < pageSize) break;
        cursor = page.cursor;
      }
      expect(read.length, JSON.stringify({ after, upTo, filter, pageSize })).toBe(count);
      expect(new Set(read).size).toBe(count);
      expect(await store().countEvents({ after, upTo }, filter)).toEqual({ count, upTo });
    }
  });
});

/** Whether a cursor lies at another one, or before it. */
function isNotBehind(cursor: string, other: string): boolean {
  const [[, x = "", i = ""], [, y = "", j = ""]] = [cursor.split("."), other.split(".")];
  return BigInt(x) < BigInt(y) || (x === y && BigInt(i) <= BigInt(j));
}

test("a build that reads forwards alone is answered as before, and so is one that asks the roster for nobody", async () => {
  const client = await federation.raw(LEAD);
  const { rows } = await client.query<{ events: readonly { id: string }[]; actors: readonly { actor: string }[] }>(
    "select federation.events_after(null, null, 3, $1, $2) as events, federation.roster() as actors",
    [aside, LEAD],
  );
  const events = (await everything({ conversation: aside }, LEAD)).slice(0, 3);
  expect(rows[0]?.events.map((event) => event.id)).toEqual(events.map((event) => event.cursor.split(".")[2]));
  expect(rows[0]?.actors.map((it) => it.actor)).toContain(ANALYST);
});

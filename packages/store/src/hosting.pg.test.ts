import { randomUUID } from "node:crypto";
import type { Operation } from "@federation/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tokenSha256 } from "./admin.ts";
import { addExternal, asToken, hashOf, newToken } from "./testing/external-actors.ts";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "./testing/federation-fixture.ts";
import { startMission, toVote } from "./testing/mission-driver.ts";

let federation: Federation;
beforeAll(async () => {
  federation = await startFederation();
});
afterAll(() => federation.drop());

const voice = { code: "refused", details: { article: "one-voice" } };
const newName = (): string => `guest-${randomUUID().slice(0, 8)}`;
const remember = (): Operation => ({
  op: "remember",
  id: randomUUID(),
  conversation: null,
  text: "I was here.",
  source: "human",
});
const speak = (host: string, as: string, ...operations: readonly Operation[]) =>
  federation.store(host).apply({ callId: randomUUID(), command: "Test", operations, as });
const entryOf = async (actor: string) =>
  (await federation.store(LEAD).query("ListRoster", {}, LEAD)).actors.find((a) => a.actor === actor);
const kindsOf = async (actor: string) => {
  const rows = await federation.owner<{ kind: string }>(
    "select kind from federation.events where subject = $1 order by xact, id",
    [actor],
  );
  return rows.map((row) => row.kind);
};

describe("an external actor", () => {
  test("is added by the commander, once, and no name is given twice", async () => {
    const name = newName();
    const add = (role: "developer" | "analyst"): Operation => ({ op: "add_actor", name, role, description: "" });
    for (const actor of [LEAD, DEVELOPER])
      await expect(federation.apply(actor, add("developer"))).rejects.toMatchObject({ code: "forbidden" });
    await federation.apply(COMMANDER, add("developer"));
    await federation.apply(COMMANDER, add("developer"));
    await expect(federation.apply(COMMANDER, add("analyst"))).rejects.toMatchObject({ code: "conflict" });
    const taken: Operation = { op: "add_actor", name: LEAD, role: "developer", description: "" };
    await expect(federation.apply(COMMANDER, taken)).rejects.toMatchObject({ code: "conflict" });
    expect(await entryOf(name)).toMatchObject({ kind: "external", role: "developer", online: false });
    await federation.apply(COMMANDER, { op: "retire_actor", name });
    await expect(federation.apply(COMMANDER, add("developer"))).rejects.toMatchObject({ code: "conflict" });
    expect(await entryOf(name)).toBeUndefined();
    expect(await kindsOf(name)).toEqual(["ActorAdded", "ActorRetired"]);
  });

  test.each([
    ["the role of the commander", { role: "commander" }],
    ["the role of the lead", { role: "lead" }],
    ["no name", { name: null }],
    ["a name that is a path", { name: "../etc" }],
    ["a name that means everyone", { name: "all" }],
    ["a description without end", { description: "x".repeat(601) }],
  ])("is not added with %s", async (_, over) => {
    const operation = { op: "add_actor", name: newName(), role: "developer", description: "", ...over };
    await expect(federation.applyRaw(COMMANDER, [operation])).rejects.toMatchObject({ code: "FD001" });
  });

  test("is in no electorate, whoever opens the mission or the motion", async () => {
    const name = newName();
    const token = await addExternal(federation, name);
    await federation.store(DEVELOPER).hostActor(token.credential, 60_000);
    const members = [LEAD, name].map((actor) => ({ actor, votes: true }));
    const start = { op: "start_mission", id: randomUUID(), objective: "O", seed: 1, members, duties: [] } as const;
    await expect(federation.apply(LEAD, start)).rejects.toMatchObject({
      code: "refused",
      details: { article: "one-ballot" },
    });
    const mission = await startMission(federation);
    await federation.owner("insert into federation.members (conversation, actor, votes) values ($1, $2, true)", [
      mission.id,
      name,
    ]);
    const proposal = await toVote(mission);
    const view = await mission.view();
    expect(view.proposals[0]?.electorate).toEqual([DEVELOPER, ANALYST, LEAD].sort());
    const textSha256 = view.proposals[0]?.textSha256 ?? "";
    const ballot: Operation = { op: "cast_ballot", proposal, choice: "yes", reason: "Mine.", textSha256 };
    await expect(speak(DEVELOPER, name, ballot)).rejects.toMatchObject({
      code: "refused",
      details: { article: "one-ballot" },
    });
  });
});

describe("hosting", () => {
  test("begins with a live token of the actor, and with nothing else", async () => {
    const name = newName();
    const token = await addExternal(federation, name);
    const agent = tokenSha256(federation.credentials(ANALYST).token);
    const unauthenticated = { code: "unauthenticated" };
    for (const credential of [`bearer:${hashOf("guessed")}`, `bearer:${agent}`, name, "", `ticket:${hashOf("no")}`])
      await expect(federation.store(DEVELOPER).hostActor(credential, 60_000)).rejects.toMatchObject(unauthenticated);
    await expect(speak(DEVELOPER, name, remember())).rejects.toMatchObject(voice);
    await federation.store(DEVELOPER).hostActor(token.credential, 60_000);
    await speak(DEVELOPER, name, remember());
    await expect(speak(LEAD, name, remember())).rejects.toMatchObject(voice);
    await federation.apply(COMMANDER, { op: "revoke_token", id: token.id });
    await expect(federation.store(LEAD).hostActor(token.credential, 60_000)).rejects.toMatchObject(unauthenticated);
    expect(await federation.store(DEVELOPER).renewHosting([token.credential], 60_000)).toEqual([]);
  });

  test("ends with the token it rests on: the host has no word left, whatever its lease", async () => {
    const name = newName();
    const token = await addExternal(federation, name);
    const second = newToken(name, { expiresInMs: 1_000 });
    await federation.store(DEVELOPER).hostActor(token.credential, 60_000);
    await speak(DEVELOPER, name, remember());
    await federation.apply(COMMANDER, { op: "revoke_token", id: token.id });
    await expect(speak(DEVELOPER, name, remember())).rejects.toMatchObject(voice);
    await federation.apply(COMMANDER, second);
    await federation.store(DEVELOPER).hostActor(asToken(second).credential, 60_000);
    await speak(DEVELOPER, name, remember());
    await expect
      .poll(
        () =>
          speak(DEVELOPER, name, remember()).then(
            () => undefined,
            (e: unknown) => e,
          ),
        { timeout: 5_000 },
      )
      .toMatchObject(voice);
    expect(await entryOf(name)).toMatchObject({ online: false });
  });

  test("gives its host what the tokens allow that were shown there, and no more", async () => {
    const name = newName();
    const reads = await addExternal(federation, name, "developer", ["read"]);
    const acts = newToken(name);
    const manages = newToken(name, { scopes: ["read", "act", "manage"] });
    await federation.apply(COMMANDER, acts, manages);
    const at = federation.store(DEVELOPER);
    await at.hostActor(reads.credential, 60_000);
    await expect(speak(DEVELOPER, name, remember())).rejects.toMatchObject(voice);
    await at.hostActor(asToken(acts).credential, 60_000);
    await speak(DEVELOPER, name, remember());
    // The one that manages was never shown here.
    const hash = hashOf(name);
    const key = {
      op: "add_signing_key",
      actor: name,
      publicKey: `ssh-ed25519 ${hash}abcd`,
      fingerprint: `SHA256:${hash.slice(0, 43)}`,
    } as const;
    for (const operation of [newToken(name), key])
      await expect(speak(DEVELOPER, name, operation)).rejects.toMatchObject(voice);
    // Nor does one that reads take from the other what it may.
    await at.hostActor(reads.credential, 60_000);
    await speak(DEVELOPER, name, remember());
    // With two there is no moment without a voice when one of them ends.
    await at.hostActor(asToken(manages).credential, 60_000);
    await federation.apply(COMMANDER, { op: "revoke_token", id: acts.id });
    await speak(DEVELOPER, name, remember(), newToken(name), key);
    expect(await at.renewHosting([reads.credential], 60_000)).toEqual([name]);
    await expect(speak(DEVELOPER, name, remember())).rejects.toMatchObject(voice);
  });

  test("gives the host no token of the actor's to keep, where the actor has none that manages", async () => {
    const name = newName();
    const token = await addExternal(federation, name);
    await federation.store(DEVELOPER).hostActor(token.credential, 60_000);
    const ticket = {
      op: "issue_ticket",
      sha256: hashOf(randomUUID()),
      origin: null,
      credential: token.credential,
    } as const;
    for (const operation of [newToken(name), ticket, { op: "revoke_token", id: token.id } as const])
      await expect(speak(DEVELOPER, name, operation)).rejects.toMatchObject(voice);
  });

  test("is the newest host's, and the one before learns so", async () => {
    const name = newName();
    const { credential } = await addExternal(federation, name);
    await federation.store(DEVELOPER).hostActor(credential, 60_000);
    await federation.store(DEVELOPER).hostActor(credential, 60_000);
    expect(await federation.store(DEVELOPER).renewHosting([credential, "?"], 60_000)).toEqual([name]);
    await federation.store(ANALYST).hostActor(credential, 60_000);
    expect(await federation.store(DEVELOPER).renewHosting([credential], 60_000)).toEqual([]);
    await expect(speak(DEVELOPER, name, remember())).rejects.toMatchObject(voice);
    await speak(ANALYST, name, remember());
    // What the old one still ends is not its own.
    await federation.store(DEVELOPER).endHosting(name);
    await speak(ANALYST, name, remember());
    expect(await kindsOf(name)).toEqual(["ActorAdded", "ActorHosted", "ActorHosted"]);
  });

  test("shows the actor online, and ends with its last session", async () => {
    const name = newName();
    const { credential } = await addExternal(federation, name);
    const online = async () => (await federation.store(LEAD).counts()).online;
    const before = await online();
    await federation.store(DEVELOPER).hostActor(credential, 60_000);
    expect(await entryOf(name)).toMatchObject({ online: true });
    expect(await online()).toBe(before + 1);
    await federation.store(DEVELOPER).endHosting(name);
    expect(await entryOf(name)).toMatchObject({ online: false });
    await expect(speak(DEVELOPER, name, remember())).rejects.toMatchObject(voice);
    // Another daemon still has a session of it.
    expect(await federation.store(ANALYST).renewHosting([credential], 60_000)).toEqual([name]);
    expect(await federation.store(DEVELOPER).renewHosting([credential], 60_000)).toEqual([]);
    await speak(ANALYST, name, remember());
    expect(await kindsOf(name)).toEqual(["ActorAdded", "ActorHosted", "HostingEnded", "ActorHosted"]);
  });

  test("wakes the host for the actor; before it begins nothing is published, and then the rows are found", async () => {
    const name = newName();
    const { credential } = await addExternal(federation, name);
    const conversation = randomUUID();
    await federation.store(DEVELOPER).markReceived("all_due", "poll");
    await federation.apply(LEAD, { op: "start_thread", id: conversation, title: "Talk", members: [LEAD, name] });
    const say = async () => {
      const id = randomUUID();
      const common = { kind: "say", text: "Hello.", about: null, causation: null } as const;
      await federation.apply(LEAD, { op: "send_message", id, conversation, recipient: name, ...common });
      const rows = await federation.owner<{ queue: string; recipient: string }>(
        "select queue, recipient from federation.outbox where message = $1",
        [id],
      );
      return { id, rows };
    };
    const early = await say();
    expect(early.rows).toEqual([]);
    await federation.store(DEVELOPER).hostActor(credential, 60_000);
    const late = await say();
    expect(late.rows).toEqual([{ queue: DEVELOPER, recipient: name }]);
    expect((await federation.store(DEVELOPER).work()).unreceived).toBe(2);
    const received = await federation.store(DEVELOPER).markReceived("all_due", "poll");
    expect(received.map((r) => r.message)).toEqual([early.id, late.id]);
    expect((await federation.store(DEVELOPER).work()).unreceived).toBe(0);
  });

  test("is refused to a daemon that another has taken over from", async () => {
    const name = newName();
    const { credential } = await addExternal(federation, name);
    const old = await federation.addNode("gone", "developer");
    const next = federation.connect("gone");
    await next.open({ instance: randomUUID(), takeOver: true, version: "0.1.0" });
    for (const call of [
      () => old.hostActor(credential, 60_000),
      () => old.renewHosting([credential], 60_000),
      () => old.endHosting(name),
    ])
      await expect(call()).rejects.toMatchObject({ code: "fenced" });
  });
});

describe("who is retired", () => {
  test("is out: its tokens, its hosting, its claims and what waits for it", async () => {
    const name = newName();
    const token = await addExternal(federation, name);
    await federation.store(DEVELOPER).hostActor(token.credential, 60_000);
    const task = randomUUID();
    const errand: Operation = {
      op: "open_task",
      id: randomUUID(),
      task,
      title: "Look",
      instructions: "Look closely.",
      taskKind: "chore",
      assignee: name,
      proposal: null,
      scope: [],
      needs: [],
      priority: 0,
      dueInMs: null,
    };
    await federation.apply(COMMANDER, errand);
    await speak(DEVELOPER, name, { op: "claim_task", task });
    await expect(federation.apply(LEAD, { op: "retire_actor", name })).rejects.toMatchObject({ code: "forbidden" });
    await federation.apply(COMMANDER, { op: "retire_actor", name });
    await federation.apply(COMMANDER, { op: "retire_actor", name });
    const { task: after } = await federation.store(LEAD).query("ShowTask", { task }, LEAD);
    expect(after).toMatchObject({ state: "released", holder: null, assignee: name });
    const [moved] = await federation.owner(
      "select to_state, reason from federation.task_history where task = $1 order by id desc limit 1",
      [task],
    );
    expect(moved).toEqual({ to_state: "released", reason: `${name} was retired` });
    const due = await federation.owner("select 1 from federation.deliveries where recipient = $1 and state = 'due'", [
      name,
    ]);
    expect(due).toEqual([]);
    expect(await federation.store(LEAD).authenticate(token.sha256)).toBeUndefined();
    await expect(speak(DEVELOPER, name, remember())).rejects.toMatchObject(voice);
    await expect(federation.store(DEVELOPER).hostActor(token.credential, 1_000)).rejects.toMatchObject({
      code: "unauthenticated",
    });
    await expect(federation.apply(COMMANDER, newToken(name))).rejects.toMatchObject({ code: "not_found" });
  });

  test("asks nobody any more", async () => {
    const name = newName();
    const { credential } = await addExternal(federation, name);
    await federation.store(DEVELOPER).hostActor(credential, 60_000);
    const id = randomUUID();
    await speak(
      DEVELOPER,
      name,
      { op: "start_thread", id, title: "A question", members: [COMMANDER] },
      { op: "ask_approval", id, conversation: id, whom: COMMANDER, question: "May I?", dueInMs: 600_000 },
    );
    await federation.apply(COMMANDER, { op: "retire_actor", name });
    expect(await federation.owner("select state from federation.approvals where id = $1", [id])).toEqual([
      { state: "withdrawn" },
    ]);
    const asked = await federation.owner("select state, acted_by from federation.deliveries where message = $1", [id]);
    expect(asked).toEqual([{ state: "done", acted_by: "rule" }]);
  });

  test("keeps nobody else in by a letter of its own", async () => {
    const [first, second] = [newName(), newName()];
    const { credential } = await addExternal(federation, first);
    await addExternal(federation, second);
    await federation.store(DEVELOPER).hostActor(credential, 60_000);
    const thread = randomUUID();
    const message = {
      id: randomUUID(),
      conversation: thread,
      kind: "say",
      text: "Stay.",
      about: null,
      causation: null,
    } as const;
    await speak(
      DEVELOPER,
      first,
      { op: "start_thread", id: thread, title: "Talk", members: [second] },
      { op: "send_message", ...message, recipient: second },
    );
    for (const name of [first, second]) await federation.apply(COMMANDER, { op: "retire_actor", name });
    expect(await entryOf(second)).toBeUndefined();
    const letters = await federation.owner("select state from federation.deliveries where message = $1", [message.id]);
    expect(letters).toEqual([{ state: "dead" }]);
  });

  test("is out at once, however much waits for it; the reconcilers tell the senders, also what came meanwhile", async () => {
    const name = newName();
    await addExternal(federation, name);
    const thread = randomUUID();
    await federation.apply(ANALYST, { op: "start_thread", id: thread, title: "Talk", members: [name] });
    await federation.owner(
      `with m as (insert into federation.messages (id, conversation, seq, sender, kind, recipient, body)
         select gen_random_uuid(), $1, n, $2, 'say', $3, 'Again.' from generate_series(1, 500) n returning id, seq)
       insert into federation.deliveries (message, recipient, conversation, seq) select id, $3, $1, seq from m`,
      [thread, ANALYST, name],
    );
    await federation.owner("update federation.conversations set last_seq = 500 where id = $1", [thread]);
    const due = async () =>
      (
        await federation.owner<{ n: number }>(
          "select count(*)::int as n from federation.deliveries where recipient = $1 and state = 'due'",
          [name],
        )
      )[0]?.n;
    await federation.apply(COMMANDER, { op: "retire_actor", name });
    // So many notices in one transaction would be a way to stay.
    expect(await due()).toBe(300);
    // A message that was on its way while its recipient was retired.
    await federation.owner(
      `with m as (insert into federation.messages (id, conversation, seq, sender, kind, recipient, body)
         values (gen_random_uuid(), $1, 100000, $2, 'say', $3, 'Late.') returning id, seq)
       insert into federation.deliveries (message, recipient, conversation, seq) select id, $3, $1, seq from m`,
      [thread, ANALYST, name],
    );
    const overdue = await federation.store(LEAD).query("GetOverdue", { graceMs: 0 }, LEAD);
    expect(overdue.items.filter((it) => it.conversation === thread).map((it) => it.kind)).toContain("message");
    for (let round = 0; round < 2; round++) await federation.store(LEAD).reconcile();
    expect(await due()).toBe(0);
    const told = await federation.owner<{ n: number }>(
      "select count(*)::int as n from federation.messages where conversation = $1 and kind = 'notice' and recipient = $2",
      [thread, ANALYST],
    );
    expect(told).toEqual([{ n: 501 }]);
  });

  test("is external: an actor with a daemon stays", async () => {
    await expect(federation.apply(COMMANDER, { op: "retire_actor", name: LEAD })).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(federation.apply(COMMANDER, { op: "retire_actor", name: "no-such" })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

import { randomUUID } from "node:crypto";
import type { Operation } from "@federation/core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openErrand } from "./testing/errand-driver.ts";
import { DEVELOPER, type Federation, LEAD } from "./testing/federation-fixture.ts";
import { startMission, toImplement } from "./testing/mission-driver.ts";
import { refused, startTaskWorld, type TaskWorld } from "./testing/task-world.ts";

let world: TaskWorld;
let federation: Federation;
beforeAll(async () => {
  world = await startTaskWorld();
  federation = world.federation;
});
afterEach(async () => {
  await world.law({});
  expect(await federation.overdue()).toEqual([]);
});
afterAll(() => federation.drop());

describe("evidence", () => {
  test("is named, enough of it, and exists, as long as the article is in force", async () => {
    const errand = await openErrand(federation);
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    const submit = (named: readonly string[]) =>
      federation.apply(DEVELOPER, {
        op: "submit_task",
        id: randomUUID(),
        task: errand.task,
        fence: 1,
        summary: "Done.",
        evidence: named,
        files: [{ path: "a.md", content: "x" }],
      });
    const strangers = ["proposal", "message", "episode"].map((kind) => `${kind}:${randomUUID()}`);
    for (const named of [[], ...strangers.map((e) => [e]), ["file:b.md"], ["file:a.md", "file:b.md"]])
      await expect(submit(named), named.join()).rejects.toMatchObject(refused("truthful-completion"));
    for (const named of [["tests passed"], ["file:a b"], ["commit:zz"], ["proposal:1"]])
      await expect(submit(named), named.join()).rejects.toMatchObject({ code: "invalid_input" });
    await world.law({ "truthful-completion": { minEvidence: 2 } });
    await expect(submit(["file:a.md", "file:a.md"])).rejects.toMatchObject(refused("truthful-completion"));
    const [message] = await federation.store(DEVELOPER).tail(errand.id, 1);
    await errand.act(DEVELOPER, { kind: "remember" }, { text: "The queue had nine." });
    const [episode] = await federation.owner<{ id: string }>(
      "select id from federation.episodes where conversation = $1",
      [errand.id],
    );
    const named = ["file:a.md", `message:${message?.id}`, `episode:${episode?.id}`, `commit:${"a".repeat(40)}`];
    await submit(named);
    expect((await errand.view()).tasks[0]?.submission?.evidence).toEqual([...named].sort());
  });

  test("of another conversation is none, but the proposal a task comes from is", async () => {
    const mission = await startMission(federation);
    await toImplement(mission);
    const proposal = (await mission.view()).proposals[0]?.id ?? "";
    const message = (await federation.store(LEAD).tail(mission.id, 1))[0]?.id;
    const errand = await openErrand(federation, { proposal });
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    const submit = (evidenceOf: string): Operation => ({
      op: "submit_task",
      id: randomUUID(),
      task: errand.task,
      fence: 1,
      summary: "Done.",
      evidence: [evidenceOf],
      files: [],
    });
    await expect(federation.apply(DEVELOPER, submit(`message:${message}`))).rejects.toMatchObject(
      refused("truthful-completion"),
    );
    await federation.apply(DEVELOPER, submit(`proposal:${proposal}`));
  });

  test("is not asked for when the article was voted off", async () => {
    const errand = await openErrand(federation);
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    await federation.owner(
      "update federation.charter_versions set off = '{truthful-completion}' where version = (select max(version) from federation.charter_versions)",
    );
    await errand.act(DEVELOPER, { kind: "submit", task: errand.task, evidence: [] }, { text: "Done." });
    expect((await errand.view()).tasks[0]?.state).toBe("submitted");
  });
});

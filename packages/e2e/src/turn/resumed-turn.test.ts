import { MeshError } from "@federation/core";
import { idOf, team } from "@federation/core/testing";
import { createScriptedInference } from "@federation/testkit/scripted-inference";
import { describe, expect, test } from "vitest";
import { conversation, running, voting } from "./testing/turn-cases.ts";
import { turnId, turnWorld } from "./testing/turn-world.ts";

describe("a resumed turn", () => {
  test("asks under the same request ids, so that it joins the generation under way", async () => {
    const inference = createScriptedInference({ choose: () => `vote:${idOf(10)}:no` });
    const options = { inference, views: [voting()], actor: "ana", role: "analyst" } as const;
    const died = turnWorld({ ...options, refusal: new MeshError("unavailable", "The process is ending.") });
    await died.runner.run(conversation, running());
    expect(inference.requests).toHaveLength(2);
    expect(inference.requests.every((r) => r.id.startsWith(turnId))).toBe(true);

    // What changes without anyone acting must not make another prompt of it.
    const later = voting({ tokens: 777, members: team.map((m) => ({ ...m, online: false, turns: 4 })) });
    const successor = turnWorld({ ...options, views: [later], attempt: 2 });
    expect(await successor.runner.run(conversation, running())).toBe("acted");
    expect(inference.requests).toHaveLength(2);
    expect(inference.joined).toEqual(inference.requests.map((r) => r.id));
    expect(successor.applied[0]?.callId).toBe(`turn:${turnId}`);
  });

  test("a loop that stops leaves its turn open and its generation running", async () => {
    const controller = new AbortController();
    let release: (id: string) => void = () => undefined;
    const inference = createScriptedInference({
      choose: () =>
        new Promise((resolve) => {
          release = resolve;
          controller.abort();
        }),
    });
    const world = turnWorld({ inference, views: [voting()], actor: "ana", role: "analyst" });
    expect(await world.runner.run(conversation, controller.signal)).toBe("idle");
    expect(world.applied).toEqual([]);
    // Not a failed attempt: a turn may be left any number of times.
    expect(world.calls.at(-1)).toBe("leaveTurn");
    const successor = turnWorld({ inference, views: [voting()], actor: "ana", role: "analyst", attempt: 2 });
    const end = successor.runner.run(conversation, running());
    release("wait");
    expect(await end).toBe("acted");
    expect(inference.joined).toHaveLength(1);
  });
});

import { randomUUID } from "node:crypto";
import { MeshError } from "@federation/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Mesh, type MeshNode, startMesh, until } from "./mesh-fixture.ts";

/** Questions to a person through the control API, with all loops running. */
let mesh: Mesh;
let lea: MeshNode;
let dev: MeshNode;
let rob: MeshNode;
beforeAll(async () => {
  mesh = await startMesh();
  lea = await mesh.add("lea", "lead");
  dev = await mesh.add("dev", "developer");
  await mesh.add("ana", "analyst");
  rob = await mesh.add("rob", "commander");
});
afterAll(() => mesh.drop());

const errorOf = async (promise: Promise<unknown>): Promise<MeshError> => {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof MeshError) return thrown;
  throw new Error("it went through", { cause: thrown });
};
const question = { whom: "rob", question: "May I drop the old table?\nNobody reads it." };
const stateOf = async (approval: string) =>
  (await lea.call("ListApprovals", { asked: "by_me", approval })).approvals[0]?.state;

test("a question opens a thread, is answered once, and the answer wakes who asked", async () => {
  const callId = randomUUID();
  const asked = await lea.call("AskApproval", question, callId);
  // A repeat of the call is the same question, under the id that was made then.
  expect(await lea.call("AskApproval", question, callId)).toEqual(asked);
  expect(asked.conversation).toBe(asked.approval);
  const { approvals } = await rob.call("ListApprovals");
  expect(approvals).toMatchObject([{ id: asked.approval, askedBy: "lea", question: question.question, state: "open" }]);
  const inbox = await rob.call("ListInbox");
  expect(inbox.items.map((item) => item.id)).toContain(asked.approval);
  const answer = { approval: asked.approval, approve: true, reason: "It is empty." };
  expect(await rob.call("AnswerApproval", answer)).toMatchObject({
    approval: { id: asked.approval, state: "approved", reason: "It is empty." },
  });
  expect((await errorOf(rob.call("AnswerApproval", { ...answer, approve: false }))).code).toBe("conflict");
  expect((await rob.call("ListInbox")).items.map((item) => item.id)).not.toContain(asked.approval);
  await until("the answer has reached the asker", async () =>
    (await lea.call("ListInbox")).items.some((item) => item.text.includes("Yes, to approval") && item.sender === "rob"),
  );
  expect((await rob.call("ListApprovals")).approvals).toEqual([]);
});

test("an answer without a yes or no is asked for it, where nobody can show the question to the person", async () => {
  const { approval } = await lea.call("AskApproval", question);
  const error = await errorOf(rob.call("AnswerApproval", { approval }));
  expect(error).toMatchObject({ code: "invalid_input", message: expect.stringContaining("`approve`") });
  expect(await stateOf(approval)).toBe("open");
  expect(await lea.call("WithdrawApproval", { approval })).toEqual({ done: true });
  expect(await stateOf(approval)).toBe("withdrawn");
});

test("in a mission a question is judged as any other one is, and is on record", async () => {
  const { mission } = await rob.call("StartMission", { objective: "Choose a retry policy", seed: 3 });
  const talked = async () =>
    Object.fromEntries(
      (await rob.call("ShowMission", { mission })).mission.members.map((m) => [m.actor, m.talked] as const),
    );
  const before = await talked();
  const { approval } = await lea.call("AskApproval", { ...question, conversation: mission });
  await rob.call("AnswerApproval", { approval, approve: false });
  expect(await stateOf(approval)).toBe("denied");
  const verdicts = await mesh.owner<{ action: string; allowed: boolean }>(
    "select action, allowed from federation.verdicts where conversation = $1 and actor = 'lea'",
    [mission],
  );
  expect(verdicts).toEqual([{ action: "ask", allowed: true }]);
  // The answer is no talk of the mission, the question is.
  expect(await talked()).toEqual({ ...before, lea: 1 });
  const outsider = await errorOf(dev.call("AskApproval", { ...question, whom: "ana", conversation: mission }));
  expect(outsider.code).toBe("invalid_input");
});

test("what nobody answers is a no once its time is over, by whichever node looks first", async () => {
  const { approval, conversation } = await lea.call("AskApproval", question);
  await mesh.owner("update federation.approvals set deadline = clock_timestamp() where id = $1", [approval]);
  await until("the question has expired", async () => (await stateOf(approval)) === "expired");
  const { messages } = await lea.call("ListConversation", { conversation });
  expect(messages.map((m) => m.sender)).toEqual(["lea", "federation"]);
  expect((await errorOf(rob.call("AnswerApproval", { approval, approve: true }))).code).toBe("conflict");
});

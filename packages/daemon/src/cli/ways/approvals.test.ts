import { createHandFedControl, startControlEndpoint } from "@federation/mcp/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCliFolder, token } from "../testing/cli-run.ts";

const id = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0001";
const approval = {
  id,
  conversation: id,
  askedBy: "lead",
  whom: "commander",
  question: "May I drop\nthe old table?",
  state: "open",
  reason: "",
  createdAt: "2026-01-02T03:04:05.000Z",
  deadline: "2026-01-02T04:04:05.000Z",
  closedAt: null,
};

let control = createHandFedControl();
let endpoint: Awaited<ReturnType<typeof startControlEndpoint>>;
let folder: Awaited<ReturnType<typeof createCliFolder>>;
beforeEach(async () => {
  control = createHandFedControl();
  endpoint = await startControlEndpoint({
    control: control.service,
    tokens: { [token]: { actor: "commander", role: "commander" } },
  });
  folder = await createCliFolder(endpoint.url);
});
afterEach(async () => {
  await endpoint.close();
  await folder.remove();
});
const requests = () => control.calls.map((call) => call.request);

test("a question is asked in words, with minutes to answer it in", async () => {
  control.on("AskApproval", () => ({ approval: id, conversation: id }));
  const { out } = await folder.run(["approval", "ask", "commander", "May", "I?", "--due", "5"]);
  expect(out).toBe(`Asked: approval ${id}; the answer comes into conversation ${id}.\n`);
  expect(requests()).toEqual([{ whom: "commander", question: "May I?", dueInMs: 300_000 }]);
});

test("what waits for me is shown with its question set off by a margin", async () => {
  control.on("ListApprovals", () => ({ approvals: [approval] }));
  const { out } = await folder.run(["approval", "list"]);
  expect(out).toContain("lead asks commander\n│ May I drop\n│ the old table?\n");
  expect(out).toContain(id);
  await folder.run(["approval", "list", "--by-me", "--all"]);
  expect(requests()).toEqual([
    { asked: "of_me", open: true, limit: 50 },
    { asked: "by_me", open: false, limit: 50 },
  ]);
});

test("an answer is yes or no, and nothing else", async () => {
  control.on("AnswerApproval", (request) => {
    const approved = typeof request === "object" && request !== null && Reflect.get(request, "approve") === true;
    return { approval: { ...approval, state: approved ? "approved" : "denied" } };
  });
  expect((await folder.run(["approval", "answer", id, "yes"])).out).toBe("Approved; lead is told.\n");
  expect((await folder.run(["approval", "answer", id, "no", "--reason", "Not yet."])).out).toBe(
    "Denied; lead is told.\n",
  );
  expect(requests()).toEqual([
    { approval: id, approve: true, reason: "" },
    { approval: id, approve: false, reason: "Not yet." },
  ]);
  expect((await folder.run(["approval", "answer", id, "perhaps"])).code).toBe(2);
  expect((await folder.run(["approval", "answer", id])).code).toBe(2);
  expect(requests()).toHaveLength(2);
});

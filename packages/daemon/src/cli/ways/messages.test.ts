import { createHandFedControl, startControlEndpoint } from "@federation/mcp/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCliFolder, token } from "../testing/cli-run.ts";

const id = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0001";
const at = "2026-01-02T03:04:05.000Z";

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

test("conversations are listed by kind, with who said something last", async () => {
  const conversation = {
    id,
    kind: "thread",
    title: "The roof",
    createdBy: "lead",
    createdAt: at,
    members: ["commander", "lead"],
    phase: null,
    outcome: null,
    messages: 4,
    due: 1,
    last: { sender: "lead", text: "Well?", at },
  };
  control.on("ListConversations", () => ({ conversations: [conversation] }));
  const { out } = await folder.run(["conversation", "list", "--kind", "thread", "--kind", "motion", "--mine"]);
  expect(out).toMatch(/thread +- +4 +1 +2026-01-02 03:04:05 +lead +commander,lead +The roof\n$/);
  expect(requests()).toEqual([{ kinds: ["thread", "motion"], mine: true, limit: 50 }]);
  expect((await folder.run(["conversation", "list", "--kind", "party"])).code).toBe(2);
});

test("messages of a conversation are read from its end, with how far each came", async () => {
  const message = {
    id,
    conversation: id,
    seq: 7,
    sender: "lead",
    kind: "say",
    recipient: null,
    text: "Well?",
    createdAt: at,
  };
  const ladder = { recipients: 3, sent: 3, received: 2, read: 1, acted: 1, dead: 1 };
  control.on("ListConversation", () => ({ messages: [{ ...message, ladder }] }));
  const { out } = await folder.run(["conversation", "show", id, "--before", "100", "--limit", "5"]);
  expect(out).toContain("3 sent, 2 received, 1 read, 1 acted, of 3, 1 dead");
  expect(requests()).toEqual([{ conversation: id, afterSeq: 0, beforeSeq: 100, limit: 5 }]);
});

test("dead letters are listed with who wrote what to whom", async () => {
  const letter = {
    message: id,
    recipient: "baby",
    state: "dead",
    storedAt: at,
    sentAt: null,
    receivedAt: null,
    readAt: null,
    actedAt: null,
    attempts: 5,
    lastError: "given up",
    conversation: id,
    sender: "lead",
    text: "Please\nvote.",
    diedAt: at,
  };
  control.on("ListDeadLetters", () => ({ deliveries: [letter] }));
  const { out } = await folder.run(["dead-letter", "list"]);
  expect(out).toMatch(/lead +baby +5 +2026-01-02 03:04:05 +given up +Please vote\.\n$/);
});

test("what waits is listed with until when, and what may be done apart from what must", async () => {
  const item = {
    kind: "task",
    id,
    optional: false,
    conversation: id,
    conversationKind: "errand",
    conversationTitle: "Mend the roof",
    duty: "implement",
    subject: id,
    from: "lead",
    text: "Mend the roof",
    since: at,
    deadline: at,
    fence: 4,
  };
  const veto = { ...item, kind: "veto", optional: true, duty: null, deadline: null, fence: null, text: "Meet at noon" };
  control.on("ListWaiting", () => ({ items: [item, veto], unread: 3 }));
  const { out } = await folder.run(["waiting"]);
  expect(out).toMatch(/task +\S+ +lead +2026-01-02 03:04:05 +4 +Mend the roof\n/);
  expect(out).toMatch(/veto \(may be\) +\S+ +lead +- +- +Meet at noon\n/);
  expect(out).toContain("Unread besides: 3, see: federation inbox");
  control.on("ListWaiting", () => ({ items: [], unread: 0 }));
  expect((await folder.run(["waiting"])).out).toBe("Nothing waits for you.\n");
});

import { MeshError } from "@federation/core";
import { idOf } from "@federation/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHandFedControl, startControlEndpoint } from "../testing/index.ts";
import { connectPeer, type Peer, type PeerKind, type Person, peerKinds } from "../testing/peers.ts";

const tokens = { kim: { actor: "kim", role: "commander", kind: "human" } } as const;
const approval = {
  id: idOf(1),
  conversation: idOf(2),
  askedBy: "dev",
  whom: "kim",
  question: "May I delete the old logs?",
  state: "open",
  reason: "",
  createdAt: "2026-01-01T00:00:00.000Z",
  deadline: "2026-01-01T01:00:00.000Z",
  closedAt: null,
};

/** The approval's row, as the database keeps it: answered once. */
let row: typeof approval = approval;
let control = createHandFedControl();
let endpoint: Awaited<ReturnType<typeof startControlEndpoint>>;
let sent: { readonly message: object; readonly related: unknown }[] = [];
const peers: Peer[] = [];

beforeEach(async () => {
  row = { ...approval };
  sent = [];
  control = createHandFedControl();
  control.on("ListApprovals", () => ({ approvals: [row] }));
  control.on("AnswerApproval", (request) => {
    if (row.state !== "open") throw new MeshError("conflict", `this question is no longer open: it was ${row.state}`);
    const yes = Reflect.get(Object(request), "approve") === true;
    row = { ...row, state: yes ? "approved" : "denied", reason: String(Reflect.get(Object(request), "reason")) };
    return { approval: row };
  });
  endpoint = await startControlEndpoint({
    control: control.service,
    tokens,
    onSend: (message, related) => void sent.push({ message, related }),
  });
});
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
  await endpoint.close();
});

async function connect(kind: PeerKind, person?: Person): Promise<Peer> {
  const peer = await connectPeer(endpoint.url, "kim", kind, person);
  peers.push(peer);
  return peer;
}

const answer = (peer: Peer, given: Record<string, unknown> = {}) =>
  peer.request("tools/call", { name: "answer_approval", arguments: { approval: approval.id, ...given } });
const answers = () => control.calls.filter((call) => call.name === "AnswerApproval").map((call) => call.request);

describe.each(peerKinds)("a person at a client of kind %s", (kind) => {
  it("is asked in their own host, by whom and until when, and accepting is yes, with their reason", async () => {
    const questions: string[] = [];
    const peer = await connect(kind, (message) => {
      questions.push(message);
      return { action: "accept", content: { reason: "They are old." } };
    });
    expect(await answer(peer)).toMatchObject({ structuredContent: { approval: { state: "approved" } } });
    expect(questions).toEqual([expect.stringContaining("May I delete the old logs?")]);
    expect(questions[0]).toMatch(/^dev asks, for an answer by 2026-01-01T01:00:00.000Z/);
    expect(answers()).toEqual([{ approval: approval.id, approve: true, reason: "They are old." }]);
  });

  it("who declines says no", async () => {
    const peer = await connect(kind, () => ({ action: "decline" }));
    expect(await answer(peer, { reason: "Not today." })).toMatchObject({
      structuredContent: { approval: { state: "denied" } },
    });
    expect(answers()).toEqual([{ approval: approval.id, approve: false, reason: "Not today." }]);
  });

  it("who closes the question has answered nothing: it stays open", async () => {
    const peer = await connect(kind, () => ({ action: "cancel" }));
    expect(await answer(peer)).toMatchObject({ structuredContent: { approval: { state: "open" } } });
    expect(answers()).toEqual([]);
  });

  it("is not asked where the answer is given with the call", async () => {
    const peer = await connect(kind, () => {
      throw new Error("asked for nothing");
    });
    expect(await answer(peer, { approve: false })).toMatchObject({
      structuredContent: { approval: { state: "denied" } },
    });
  });

  it("is told to give the answer with the call where the client cannot show a question", async () => {
    const result = await answer(await connect(kind));
    expect(result).toMatchObject({ isError: true, _meta: { "federation/error": { code: "invalid_input" } } });
    expect(JSON.stringify(result)).toContain("give `approve`: true or false");
    expect(answers()).toEqual([]);
  });

  it("is not asked what somebody has answered elsewhere, and is shown the answer", async () => {
    row = { ...approval, state: "denied" };
    const peer = await connect(kind, () => {
      throw new Error("asked for nothing");
    });
    expect(await answer(peer)).toMatchObject({ structuredContent: { approval: { state: "denied" } } });
  });

  it("who accepts what was answered elsewhere meanwhile is told so, and changes nothing", async () => {
    const peer = await connect(kind, () => {
      row = { ...approval, state: "denied" };
      return { action: "accept" };
    });
    // The row says so before the command does where the question is looked at again.
    expect(await answer(peer)).toMatchObject({ structuredContent: { approval: { state: "denied" } } });
    expect(row.state).toBe("denied");
    expect(answers()).toEqual([]);
  });

  it("is never asked another one's question", async () => {
    row = { ...approval, whom: "lee" };
    const peer = await connect(kind, () => ({ action: "accept" }));
    expect(await answer(peer)).toMatchObject({ isError: true, _meta: { "federation/error": { code: "refused" } } });
    expect(answers()).toEqual([]);
  });
});

it("in the 2025 era the question is related to the call, so that it goes down that one's stream", async () => {
  await answer(await connect("2025", () => ({ action: "accept" })));
  const asked = sent.find(({ message }) => Reflect.get(message, "method") === "elicitation/create");
  const call = sent.findLast(({ message }) => Reflect.has(message, "result"));
  expect(asked?.related).toBe(Reflect.get(Object(call?.message), "id"));
});

describe("in the 2026 era what a client sends back", () => {
  const accept = { answer: { action: "accept", content: {} } };

  /** The answer to the question without there having been one, or with another one's state. */
  async function replay(requestState: string | undefined) {
    const peer = await connect("2026", () => ({ action: "accept" }));
    const state = requestState === undefined ? {} : { requestState };
    return peer.request("tools/call", {
      name: "answer_approval",
      arguments: { approval: approval.id },
      inputResponses: accept,
      ...state,
    });
  }

  it("answers the question that it belongs to", async () => {
    expect(await replay(`approval:${approval.id}`)).toMatchObject({
      structuredContent: { approval: { state: "approved" } },
    });
  });

  it.each([undefined, "", `approval:${idOf(9)}`])("and belongs to another (%s) answers nothing", async (state) => {
    expect(await replay(state)).toMatchObject({
      isError: true,
      _meta: { "federation/error": { code: "invalid_input" } },
    });
    expect(answers()).toEqual([]);
  });
});

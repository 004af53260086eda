import { MeshError } from "@federation/core";
import { idOf } from "@federation/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHandFedControl, startControlEndpoint } from "../testing/index.ts";
import { dials } from "./testing/dials.ts";
import {
  type AskPerson,
  type ControlClient,
  type ControlStatus,
  connectControlClient,
  type PersonAnswer,
  type PersonQuestion,
} from "./web.ts";

/** How long a condition is waited for on a busy machine. */
const patience = { timeout: 10_000 };

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
let row: typeof approval;
let control = createHandFedControl();
let endpoint: Awaited<ReturnType<typeof startControlEndpoint>>;
const clients: ControlClient[] = [];

beforeEach(async () => {
  row = { ...approval };
  control = createHandFedControl();
  control.on("ListApprovals", () => ({ approvals: [row] }));
  control.on("AnswerApproval", (request) => {
    if (row.state !== "open") throw new MeshError("conflict", `this question is no longer open: it was ${row.state}`);
    const yes = Reflect.get(Object(request), "approve") === true;
    row = { ...row, state: yes ? "approved" : "denied", reason: String(Reflect.get(Object(request), "reason")) };
    return { approval: row };
  });
  endpoint = await startControlEndpoint({ control: control.service, tokens });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await endpoint.close();
});

const coded = (code: MeshError["code"]) => expect.objectContaining({ name: "MeshError", code });

/** A person who is asked, and answers when the test says so. */
function person() {
  const asked: { readonly question: PersonQuestion; readonly signal: AbortSignal }[] = [];
  const answers: ((answer: PersonAnswer) => void)[] = [];
  const askPerson: AskPerson = (question, signal) =>
    new Promise((resolve) => {
      asked.push({ question, signal });
      answers.push(resolve);
    });
  return { asked, askPerson, answer: (given: PersonAnswer) => answers.at(-1)?.(given) };
}
const isAsked = (who: ReturnType<typeof person>, times = 1) =>
  expect.poll(() => who.asked.length, patience).toBe(times);
const ask = (client: ControlClient, options = {}) => client.call("AnswerApproval", { approval: approval.id }, options);
const answers = () => control.calls.filter(({ name }) => name === "AnswerApproval").map(({ request }) => request);

describe.each(dials)("a person at a client over a socket %s", (_which, dialTo) => {
  async function connect(
    given: { readonly askPerson?: AskPerson; readonly onStatus?: (status: ControlStatus) => void } = {},
  ): Promise<ControlClient> {
    const client = await connectControlClient({ dial: dialTo(endpoint.url, "kim"), ...given });
    clients.push(client);
    return client;
  }

  it("is shown who asks what until when, as a form, and accepting is yes with what they wrote", async () => {
    const kim = person();
    const answered = ask(await connect(kim));
    await isAsked(kim);
    expect(kim.asked[0]?.question).toEqual({
      message: expect.stringMatching(/^dev asks, for an answer by 2026-01-01T01:00.*\n\nMay I delete the old logs\?/),
      schema: {
        type: "object",
        properties: { reason: expect.objectContaining({ type: "string", maxLength: 4000 }) },
      },
    });
    expect(answers()).toEqual([]);
    kim.answer({ action: "accept", content: { reason: "They are old." } });
    expect(await answered).toMatchObject({ approval: { state: "approved", reason: "They are old." } });
    expect(answers()).toEqual([{ approval: approval.id, approve: true, reason: "They are old." }]);
  });

  it("who declines says no", async () => {
    const answered = ask(await connect({ askPerson: async () => ({ action: "decline" }) }));
    expect(await answered).toMatchObject({ approval: { state: "denied" } });
  });

  it("who closes the question has answered nothing: it stays open", async () => {
    const answered = ask(await connect({ askPerson: async () => ({ action: "cancel" }) }));
    expect(await answered).toMatchObject({ approval: { state: "open" } });
    expect(answers()).toEqual([]);
  });

  it("is not hurried by the time of the call, which is the node's", async () => {
    const slow = new Promise((resolve) => setTimeout(resolve, 1200));
    const askPerson: AskPerson = async () => {
      await slow;
      return { action: "accept", content: {} };
    };
    expect(await ask(await connect({ askPerson }), { timeoutMs: 1000 })).toMatchObject({
      approval: { state: "approved" },
    });
  });

  it("is asked no more when the client is closed: the call ends, and the question can be taken down", async () => {
    const kim = person();
    const client = await connect(kim);
    const answered = expect(ask(client)).rejects.toEqual(coded("unavailable"));
    await isAsked(kim);
    expect(kim.asked[0]?.signal.aborted).toBe(false);
    await client.close();
    await answered;
    expect(kim.asked[0]?.signal.aborted).toBe(true);
    kim.answer({ action: "accept", content: {} });
    await expect.poll(() => endpoint.openSockets(), patience).toBe(0);
    expect(answers()).toEqual([]);
  });

  it("is asked no more when the caller gives up, whose reason is thrown", async () => {
    const kim = person();
    const stop = new AbortController();
    const answered = expect(ask(await connect(kim), { signal: stop.signal })).rejects.toThrow("never mind");
    await isAsked(kim);
    stop.abort(new Error("never mind"));
    await answered;
    expect(kim.asked[0]?.signal.aborted).toBe(true);
    expect(answers()).toEqual([]);
  });

  it("whose connection is lost meanwhile is left in peace, and asked again by the call that is repeated", async () => {
    const kim = person();
    const connected: number[] = [];
    const client = await connect({
      ...kim,
      onStatus: (status) => void (status.state === "connected" && connected.push(status.connection)),
    });
    const answered = ask(client);
    await isAsked(kim);
    endpoint.cut();
    await expect.poll(() => connected, patience).toEqual([1, 2]);
    expect(kim.asked[0]?.signal.aborted).toBe(false);
    kim.answer({ action: "accept", content: {} });
    await isAsked(kim, 2);
    kim.answer({ action: "accept", content: {} });
    expect(await answered).toMatchObject({ approval: { state: "approved" } });
    expect(answers()).toHaveLength(1);
  });

  it("whose connection was lost is asked no more either when the client is closed: the call ends", async () => {
    const kim = person();
    const connected: number[] = [];
    const client = await connect({
      ...kim,
      onStatus: (status) => void (status.state === "connected" && connected.push(status.connection)),
    });
    const answered = expect(ask(client)).rejects.toEqual(coded("unavailable"));
    await isAsked(kim);
    endpoint.cut();
    await expect.poll(() => connected, patience).toEqual([1, 2]);
    await client.close();
    await answered;
    expect(kim.asked.map(({ signal }) => signal.aborted)).toEqual([true]);
  });

  it("where none can be shown a question, the node says to give the answer with the call", async () => {
    await expect(ask(await connect())).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining("give `approve`: true or false"),
    });
  });

  it("whose host fails to ask costs that call alone", async () => {
    const client = await connect({ askPerson: () => Promise.reject(new Error("no dialog")) });
    await expect(ask(client)).rejects.toEqual(coded("internal"));
    expect(await client.call("AnswerApproval", { approval: approval.id, approve: false })).toMatchObject({
      approval: { state: "denied" },
    });
  });
});

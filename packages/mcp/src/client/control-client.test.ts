import { MeshError } from "@federation/core";
import { idOf } from "@federation/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ControlEndpointOptions, createHandFedControl, startControlEndpoint } from "../testing/index.ts";
import { openSocket } from "./open-socket.ts";
import {
  type AskPerson,
  type ControlClient,
  type ControlStatus,
  connectControlClient,
  type Dial,
  type PersonAnswer,
  type PersonQuestion,
  socketLine,
} from "./web.ts";

const tokens = {
  kim: { actor: "kim", role: "commander", kind: "human" },
  reader: { actor: "kim", role: "commander", kind: "human", scopes: ["read"] },
} as const;

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

/** Starts the node anew with answers of its own in the stead of the real ones; undefined: the real one. */
async function intercepted(method: string, answer: () => object | undefined): Promise<void> {
  await endpoint.close();
  const intercept: ControlEndpointOptions["intercept"] = (message) => {
    if (Reflect.get(Object(message), "method") !== method) return undefined;
    const given = answer();
    return given === undefined ? undefined : { jsonrpc: "2.0", id: Reflect.get(Object(message), "id"), ...given };
  };
  endpoint = await startControlEndpoint({ control: control.service, tokens, intercept });
}

/** A socket of the package `ws`, as the command line has one. */
const ofNode =
  (token: string): Dial =>
  async (signal) =>
    socketLine(await openSocket({ url: endpoint.url, token, insecure: false, handshakeMs: 5000, signal }));

/** A socket with the face that pages know. That a page can set no header is its home's matter. */
const ofPages =
  (token: string): Dial =>
  async () => {
    const socket = new WebSocket(endpoint.url, { protocols: ["mcp"], headers: { authorization: `Bearer ${token}` } });
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve, { once: true });
      socket.addEventListener("error", () => reject(new MeshError("unavailable", "refused")), { once: true });
    });
    return socketLine(socket);
  };

/** What every result has beside what it is of. */
const complete = { resultType: "complete", ttlMs: 0, cacheScope: "private" };

const coded = (code: MeshError["code"]) => expect.objectContaining({ name: "MeshError", code });

describe.each([
  ["of Node", ofNode],
  ["as pages have it", ofPages],
] as const)("over a socket %s", (_which, dialWith) => {
  interface Given {
    readonly token?: keyof typeof tokens;
    readonly askPerson?: AskPerson;
    readonly onStatus?: (status: ControlStatus) => void;
  }
  async function connect({ token = "kim", ...rest }: Given = {}): Promise<ControlClient> {
    const client = await connectControlClient({ dial: dialWith(token), ...rest });
    clients.push(client);
    return client;
  }

  describe("reading a resource", () => {
    it("yields what the query answers, each time anew", async () => {
      let cursor = "1.2.3";
      control.on("ListEvents", () => ({ events: [], cursor }));
      const client = await connect();
      expect(await client.read("federation://events?after=1.2.2")).toEqual({ events: [], cursor });
      expect(control.calls[0]).toMatchObject({ name: "ListEvents", request: { after: "1.2.2" } });
      cursor = "1.2.4";
      expect(await client.read("federation://events?after=1.2.2")).toEqual({ events: [], cursor });
    });

    it("that is not there, or could not be, throws not_found", async () => {
      const client = await connect();
      for (const uri of [`federation://tasks/${idOf(7)}`, "federation://rockets", "file:///etc/passwd"])
        await expect(client.read(uri), uri).rejects.toEqual(coded("not_found"));
    });

    it("that is refused throws the node's own code, sentence and particulars", async () => {
      const client = await connect();
      const refusal = new MeshError("forbidden", "That is not yours to see.", { details: { article: "privacy" } });
      control.on("ShowTask", () => {
        throw refusal;
      });
      const { code, message, details } = refusal;
      await expect(client.read(`federation://tasks/${idOf(7)}`)).rejects.toMatchObject({ code, message, details });
      await expect(client.read(`federation://memory?query=${"x".repeat(401)}`)).rejects.toMatchObject({
        code: "invalid_input",
        message: expect.stringContaining("400"),
      });
    });

    it("given up by its caller throws the caller's own reason, before and while it is asked", async () => {
      control.on("RecallMemory", () => new Promise(() => {}));
      const client = await connect();
      const gone = AbortSignal.abort(new Error("not needed"));
      await expect(client.read("federation://memory", gone)).rejects.toThrow("not needed");
      expect(control.calls).toEqual([]);
      const stop = new AbortController();
      const reading = client.read("federation://memory", stop.signal);
      await control.called((call) => call.name === "RecallMemory");
      stop.abort(new Error("not needed any more"));
      await expect(reading).rejects.toThrow("not needed any more");
    });

    it("whose connection is lost meanwhile throws unavailable, and the next one is answered", async () => {
      control.on("RecallMemory", () => new Promise(() => {}));
      const client = await connect();
      const reading = client.read("federation://memory");
      await control.called((call) => call.name === "RecallMemory");
      endpoint.cut();
      await expect(reading).rejects.toEqual(coded("unavailable"));
      control.on("RecallMemory", () => ({ episodes: [] }));
      expect(await client.read("federation://memory")).toEqual({ episodes: [] });
    });

    it("through a closed client throws unavailable, also what was under way", async () => {
      control.on("RecallMemory", () => new Promise(() => {}));
      const client = await connect();
      const reading = expect(client.read("federation://memory")).rejects.toEqual(coded("unavailable"));
      await control.called((call) => call.name === "RecallMemory");
      await client.close();
      await reading;
      await expect(client.read("federation://memory")).rejects.toEqual(coded("unavailable"));
      await expect(client.tools()).rejects.toEqual(coded("unavailable"));
    });

    it.each([
      ["whose logic is away", { error: { code: -32010, message: "The logic is restarting." } }, "unavailable"],
      ["that has too many calls", { error: { code: -32029, message: "Too many calls." } }, "limit_exceeded"],
      ["that says nothing of it", { result: { ...complete, contents: [] } }, "not_found"],
      [
        "that answers in words",
        { result: { ...complete, contents: [{ uri: "x", text: "# Charter" }] } },
        "schema_mismatch",
      ],
      ["that answers in another form", { result: { ...complete, content: "# Charter" } }, "schema_mismatch"],
    ] as const)("of a node %s throws what that means", async (_what, answer, code) => {
      await intercepted("resources/read", () => answer);
      await expect((await connect()).read("federation://charter")).rejects.toEqual(coded(code));
    });
  });

  describe("the tools", () => {
    it("are what the actor and its token may call, with the schema of their arguments", async () => {
      const all = await (await connect()).tools();
      expect(all.find((it) => it.name === "answer_approval")?.inputSchema).toMatchObject({
        type: "object",
        properties: { approval: { type: "string" } },
        required: ["approval"],
      });
      const read = (await (await connect({ token: "reader" })).tools()).map((it) => it.name);
      expect(read).toContain("list_approvals");
      expect(read).not.toContain("answer_approval");
      expect(read.length).toBeLessThan(all.length);
    });

    it("are asked for anew each time: new logic of the node may offer others", async () => {
      const tool = (name: string) => ({ name, inputSchema: { type: "object" } });
      const offers = [[tool("get_status")], [tool("get_status"), tool("list_roster")]];
      let asked = 0;
      await intercepted("tools/list", () => ({ result: { ...complete, tools: offers[asked++] } }));
      const client = await connect();
      expect((await client.tools()).map((it) => it.name)).toEqual(["get_status"]);
      expect((await client.tools()).map((it) => it.name)).toEqual(["get_status", "list_roster"]);
    });

    it("of a node whose logic is away throw unavailable", async () => {
      await intercepted("tools/list", () => ({ error: { code: -32010, message: "The logic is restarting." } }));
      await expect((await connect()).tools()).rejects.toEqual(coded("unavailable"));
    });
  });

  describe("a person at the client", () => {
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
    const isAsked = (who: ReturnType<typeof person>, times = 1) => expect.poll(() => who.asked.length).toBe(times);
    const ask = (client: ControlClient, options = {}) =>
      client.call("AnswerApproval", { approval: approval.id }, options);
    const answers = () => control.calls.filter(({ name }) => name === "AnswerApproval").map(({ request }) => request);

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
      await expect.poll(() => endpoint.openSockets()).toBe(0);
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
      await expect.poll(() => connected).toEqual([1, 2]);
      expect(kim.asked[0]?.signal.aborted).toBe(false);
      kim.answer({ action: "accept", content: {} });
      await isAsked(kim, 2);
      kim.answer({ action: "accept", content: {} });
      expect(await answered).toMatchObject({ approval: { state: "approved" } });
      expect(answers()).toHaveLength(1);
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
});

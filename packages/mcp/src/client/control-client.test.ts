import { MeshError } from "@federation/core";
import { idOf } from "@federation/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ControlEndpointOptions, createHandFedControl, startControlEndpoint } from "../testing/index.ts";
import { dials } from "./testing/dials.ts";
import { type ControlClient, connectControlClient } from "./web.ts";

const tokens = {
  kim: { actor: "kim", role: "commander", kind: "human" },
  reader: { actor: "kim", role: "commander", kind: "human", scopes: ["read"] },
} as const;

let control = createHandFedControl();
let endpoint: Awaited<ReturnType<typeof startControlEndpoint>>;
const clients: ControlClient[] = [];

beforeEach(async () => {
  control = createHandFedControl();
  endpoint = await startControlEndpoint({ control: control.service, tokens });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await endpoint.close();
});

/** Starts the node anew with answers of its own in the stead of the real ones. */
async function intercepted(method: string, answer: () => object): Promise<void> {
  await endpoint.close();
  const intercept: ControlEndpointOptions["intercept"] = (message) => {
    if (Reflect.get(Object(message), "method") !== method) return undefined;
    return { jsonrpc: "2.0", id: Reflect.get(Object(message), "id"), ...answer() };
  };
  endpoint = await startControlEndpoint({ control: control.service, tokens, intercept });
}

/** What every result has beside what it is of. */
const complete = { resultType: "complete", ttlMs: 0, cacheScope: "private" };

const coded = (code: MeshError["code"]) => expect.objectContaining({ name: "MeshError", code });

describe.each(dials)("over a socket %s", (_which, dialTo) => {
  async function connect(token: keyof typeof tokens = "kim"): Promise<ControlClient> {
    const client = await connectControlClient({ dial: dialTo(endpoint.url, token) });
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
      const read = (await (await connect("reader")).tools()).map((it) => it.name);
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
});

import { createHandFedControl, startControlEndpoint } from "@federation/mcp/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Reload } from "./show/show-reloads.ts";
import { createCliFolder, token } from "./testing/cli-run.ts";
import { rosterRecord } from "./testing/records.ts";

const tokens = { [token]: { actor: "commander", role: "commander" } } as const;
const idOf: Readonly<Record<string, string>> = {
  baby: "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0001",
  lead: "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0002",
  commander: "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0003",
};

let control = createHandFedControl();
let endpoint: Awaited<ReturnType<typeof startControlEndpoint>>;
let folder: Awaited<ReturnType<typeof createCliFolder>>;
/** How the reload of a node ends; asked until it has been looked at twice. */
let ends: Record<string, Partial<Reload>>;
let asked: { readonly node: string; readonly callId: string }[];
/** Answers in the stead of the node; undefined: it answers itself. */
let answer: (message: unknown) => object | undefined = () => undefined;

const team = () => [
  rosterRecord("lead"),
  rosterRecord("away", { online: false }),
  rosterRecord("commander", { kind: "human" }),
  rosterRecord("baby"),
  rosterRecord("visitor", { kind: "external" }),
];

beforeEach(async () => {
  control = createHandFedControl();
  answer = () => undefined;
  ends = {};
  asked = [];
  const looks = new Map<string, number>();
  control.on("ListRoster", () => ({ actors: team() }));
  control.on("GetStatus", () => ({
    you: { actor: "commander", role: "commander", scopes: ["read", "act", "manage"] },
    now: "2026-01-02T03:04:05.000Z",
    node: "commander",
    version: "0.1.0",
    charterVersion: 1,
    database: "",
    broker: { publish: "", consume: "" },
    model: "",
    actors: 5,
    online: 4,
    openMissions: 0,
    outbox: 0,
    due: 0,
    dead: 0,
    paused: [],
  }));
  control.on("ReloadNode", (request, { callId }) => {
    const node = textIn(request, "node") ?? "commander";
    asked.push({ node, callId });
    return { reload: idOf[node], node };
  });
  control.on("ListReloads", (request) => {
    const id = textIn(request, "reload") ?? "";
    const node = Object.keys(idOf).find((name) => idOf[name] === id) ?? "";
    looks.set(id, (looks.get(id) ?? 0) + 1);
    const ended: Partial<Reload> =
      (looks.get(id) ?? 0) < 2
        ? { state: "asked", tookMs: null }
        : { state: "reloaded", closedAt: "2026-01-02T03:04:06.000Z", ...ends[node] };
    const row = { id, node, askedBy: "commander", stage: null, reason: "", tookMs: 1_234 };
    return { reloads: [{ ...row, askedAt: "2026-01-02T03:04:05.000Z", closedAt: null, ...ended }] };
  });
  endpoint = await startControlEndpoint({ control: control.service, tokens, intercept: (message) => answer(message) });
  folder = await createCliFolder(endpoint.url);
});
afterEach(async () => {
  await endpoint.close();
  await folder.remove();
});

function textIn(request: unknown, key: string): string | undefined {
  const value: unknown = typeof request === "object" && request !== null ? Reflect.get(request, key) : undefined;
  return typeof value === "string" ? value : undefined;
}

describe("federation reload", () => {
  it("asks for a reload of this node, or of the one named, and waits for its end", async () => {
    expect(await folder.run(["reload"])).toEqual({ code: 0, out: "commander has new logic, after 1.2 s.\n", err: "" });
    const named = await folder.run(["reload", "--node", "baby", "--json"]);
    expect(JSON.parse(named.out)).toMatchObject({ node: "baby", state: "reloaded" });
    expect(asked.map((it) => it.node)).toEqual(["commander", "baby"]);
  });

  it("tells of a failure with its stage and reason, and fails", async () => {
    ends["baby"] = { state: "failed", stage: "health", reason: "get_status was answered with an error." };
    const failed = await folder.run(["reload", "--node", "baby"]);
    expect(failed.code).toBe(1);
    expect(failed.out).toBe(
      "The reload of baby failed at health: get_status was answered with an error. The logic from before goes on.\n",
    );
    ends["lead"] = { state: "expired" };
    const silent = await folder.run(["reload", "--node", "lead"]);
    expect(silent).toMatchObject({ code: 1, out: "lead did not say in time how its reload ended: it may be away.\n" });
  });

  it("waits no longer than it is told to", async () => {
    ends["baby"] = { state: "asked" };
    const { code, err } = await folder.run(["reload", "--node", "baby", "--timeout", "0.5"]);
    expect(code).toBe(3);
    expect(err).toContain("baby is still at it");
  });

  it("with --all goes from node to node, those that are there, this one last", async () => {
    const { code, out, err } = await folder.run(["reload", "--all", "--call-id", "roll"]);
    expect({ code, err }).toEqual({ code: 0, err: "Reloaded: baby, lead, commander.\n" });
    expect(out.trimEnd().split("\n")).toHaveLength(3);
    expect(asked).toEqual([
      { node: "baby", callId: "roll:baby" },
      { node: "lead", callId: "roll:lead" },
      { node: "commander", callId: "roll:commander" },
    ]);
  });

  it("with --all asks nodes whose logic is older, and which say less of their actors", async () => {
    const callSchema = z.object({ id: z.number(), params: z.object({ name: z.literal("list_roster") }) });
    answer = (message) => {
      const call = callSchema.safeParse(message);
      if (!call.success) return undefined;
      const actors = team().map(({ actor, kind, role, online }) => ({ actor, kind, role, online }));
      const result = { content: [], structuredContent: { actors }, resultType: "complete" };
      return { jsonrpc: "2.0", id: call.data.id, result };
    };
    const { code, err } = await folder.run(["reload", "--all"]);
    expect({ code, err }).toEqual({ code: 0, err: "Reloaded: baby, lead, commander.\n" });
  });

  it("with --all stops at the first node that keeps its old logic, and says which have new one", async () => {
    ends["lead"] = { state: "failed", stage: "start", reason: "it throws when it is imported." };
    const { code, err } = await folder.run(["reload", "--all"]);
    expect({ code, err }).toEqual({ code: 1, err: "Stopped at lead. Reloaded: baby. Not asked: commander.\n" });
    expect(asked.map((it) => it.node)).toEqual(["baby", "lead"]);
  });

  it("takes a node or all of them", async () => {
    expect((await folder.run(["reload", "--all", "--node", "baby"])).code).toBe(2);
    expect((await folder.run(["reload", "everything"])).code).toBe(2);
    expect(asked).toEqual([]);
  });

  it("leaves asking without waiting, and the list, to commands of its own", async () => {
    const { out } = await folder.run(["reload", "ask", "baby"]);
    expect(out).toBe(`Asked baby for reload ${idOf["baby"]}.\n`);
    await folder.run(["reload", "list", "--reload", idOf["lead"] ?? ""]);
    const list = await folder.run(["reload", "list", "--reload", idOf["lead"] ?? ""]);
    expect(list.out).toContain("lead  reloaded  -      1234  commander");
  });
});

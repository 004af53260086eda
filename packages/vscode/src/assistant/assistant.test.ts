import { createHash } from "node:crypto";
import { MeshError } from "@federation/core";
import type { ControlClient } from "@federation/mcp/client";
import { describe, expect, test } from "vitest";
import { type Assistant, assistantSecret, letJoin, letLeave, type Secrets } from "./assistant.ts";

const wanted = {
  actor: "vscode-assistant",
  role: "developer",
  way: { kind: "local", file: "/mesh/commander/cli.json" },
  url: "ws://127.0.0.1:7400/mcp",
  known: false,
} as const;

function setUp(failing: { readonly name?: string; readonly error?: MeshError } = {}) {
  const kept = new Map<string, string>();
  const secrets: Secrets = {
    get: async (key) => kept.get(key),
    store: async (key, value) => void kept.set(key, value),
    delete: async (key) => void kept.delete(key),
  };
  const said: { readonly name: string; readonly request: Readonly<Record<string, unknown>>; readonly kept: number }[] =
    [];
  const call = (async (name: string, request: Readonly<Record<string, unknown>>) => {
    said.push({ name, request, kept: kept.size });
    if (name === failing.name) throw failing.error;
    return {};
  }) as ControlClient["call"];
  const records: (Assistant | undefined)[] = [];
  const keep = async (assistant: Assistant | undefined) => {
    said.push({ name: assistant === undefined ? "forget" : "keep", request: {}, kept: kept.size });
    records.push(assistant);
  };
  return { kept, secrets, said, call, keep, records };
}

describe("the assistant", () => {
  test("has a token of its own that may not manage, and whose hash alone is told", async () => {
    const { call, secrets, said, kept, keep } = setUp();
    const joined = await letJoin(call, secrets, wanted, keep);
    const secret = kept.get(assistantSecret(joined)) ?? "";
    expect(said.map((it) => it.name)).toEqual(["AddActor", "keep", "IssueToken"]);
    expect(said[2]?.request).toMatchObject({
      actor: "vscode-assistant",
      scopes: ["read", "act"],
      sha256: createHash("sha256").update(secret).digest("hex"),
    });
    expect(JSON.stringify([said, joined])).not.toContain(secret);
  });

  test("has its token and its record kept before it is made good: a window that closes in between loses none", async () => {
    const { call, secrets, said, keep, records } = setUp();
    const joined = await letJoin(call, secrets, wanted, keep);
    expect(said.map((it) => it.name).slice(-2)).toEqual(["keep", "IssueToken"]);
    expect(records).toEqual([joined]);
    expect(said.find((it) => it.name === "IssueToken")?.kept).toBe(1);
  });

  test("is not added again when it is known", async () => {
    const { call, secrets, said, keep } = setUp();
    await letJoin(call, secrets, { ...wanted, known: true }, keep);
    expect(said.map((it) => it.name)).toEqual(["keep", "IssueToken"]);
  });

  test("leaves no secret and no record when the node refused; when nobody knows whether it did, both stay", async () => {
    const refused = setUp({ name: "IssueToken", error: new MeshError("forbidden", "no") });
    await expect(letJoin(refused.call, refused.secrets, wanted, refused.keep)).rejects.toThrow("no");
    expect([refused.kept.size, refused.records.at(-1)]).toEqual([0, undefined]);
    const lost = setUp({ name: "IssueToken", error: new MeshError("unavailable", "gone") });
    await expect(letJoin(lost.call, lost.secrets, wanted, lost.keep)).rejects.toThrow("gone");
    expect(lost.kept.size).toBe(1);
    expect(lost.records.at(-1)).toMatchObject({ actor: "vscode-assistant" });
  });

  test("that leaves has no token, and stays an actor unless it is retired", async () => {
    const { call, secrets, said, kept, keep } = setUp();
    const joined = await letJoin(call, secrets, wanted, keep);
    said.length = 0;
    await letLeave(call, secrets, joined, false);
    expect(said).toMatchObject([{ name: "RevokeToken", request: { token: joined.token } }]);
    expect(kept.size).toBe(0);
    await letLeave(call, secrets, joined, true);
    expect(said.at(-1)).toMatchObject({ name: "RetireActor", request: { name: "vscode-assistant" } });
  });
});

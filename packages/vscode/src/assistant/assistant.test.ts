import { createHash } from "node:crypto";
import { MeshError } from "@federation/core";
import type { ControlClient } from "@federation/mcp/client";
import { describe, expect, test } from "vitest";
import { assistantSecret, letJoin, letLeave, type Secrets } from "./assistant.ts";

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
  return { kept, secrets, said, call };
}

describe("the assistant", () => {
  test("has a token of its own that may not manage, and whose hash alone is told", async () => {
    const { call, secrets, said, kept } = setUp();
    const joined = await letJoin(call, secrets, wanted);
    const secret = kept.get(assistantSecret(joined)) ?? "";
    expect(said.map((it) => it.name)).toEqual(["AddActor", "IssueToken"]);
    expect(said[1]?.request).toMatchObject({
      actor: "vscode-assistant",
      scopes: ["read", "act"],
      sha256: createHash("sha256").update(secret).digest("hex"),
    });
    expect(JSON.stringify([said, joined])).not.toContain(secret);
  });

  test("has its token kept before it is made good: a window that closes in between loses none", async () => {
    const { call, secrets, said } = setUp();
    await letJoin(call, secrets, wanted);
    expect(said.find((it) => it.name === "IssueToken")?.kept).toBe(1);
  });

  test("is not added again when it is known", async () => {
    const { call, secrets, said } = setUp();
    await letJoin(call, secrets, { ...wanted, known: true });
    expect(said.map((it) => it.name)).toEqual(["IssueToken"]);
  });

  test("leaves no secret when the node refused; when nobody knows whether it did, the secret stays", async () => {
    const refused = setUp({ name: "IssueToken", error: new MeshError("forbidden", "no") });
    await expect(letJoin(refused.call, refused.secrets, wanted)).rejects.toThrow("no");
    expect(refused.kept.size).toBe(0);
    const lost = setUp({ name: "IssueToken", error: new MeshError("unavailable", "gone") });
    await expect(letJoin(lost.call, lost.secrets, wanted)).rejects.toThrow("gone");
    expect(lost.kept.size).toBe(1);
  });

  test("that leaves has no token, and stays an actor unless it is retired", async () => {
    const { call, secrets, said, kept } = setUp();
    const joined = await letJoin(call, secrets, wanted);
    said.length = 0;
    await letLeave(call, secrets, joined, false);
    expect(said).toMatchObject([{ name: "RevokeToken", request: { token: joined.token } }]);
    expect(kept.size).toBe(0);
    await letLeave(call, secrets, joined, true);
    expect(said.at(-1)).toMatchObject({ name: "RetireActor", request: { name: "vscode-assistant" } });
  });
});

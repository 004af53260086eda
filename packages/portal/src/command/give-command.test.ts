import { MeshError } from "@federation/core";
import { describe, expect, it } from "vitest";
import { sha256Hex } from "../home/page-secrets.ts";
import { createGiver } from "./give-command.ts";

type Ending = "lost" | "done" | "not_found";

/** A node that knows a command by its call id and by nothing else, and whose answers may be lost on the way. */
function nodeThat(...endings: Ending[]) {
  const calls: { readonly id: string; readonly sha256: unknown }[] = [];
  const known = new Map<string, unknown>();
  return {
    calls,
    known,
    callUntyped: (_: string, request: object, options?: { readonly callId?: string }): Promise<unknown> => {
      const id = options?.callId ?? "";
      const sha256: unknown = Reflect.get(request, "sha256");
      calls.push({ id, sha256 });
      if (!known.has(id)) known.set(id, sha256);
      const ending = endings.shift() ?? "done";
      if (ending === "lost") return Promise.reject(new MeshError("deadline_exceeded", "No answer in time."));
      if (ending === "not_found") return Promise.reject(new MeshError("not_found", "There is none."));
      return Promise.resolve({ replayed: true });
    },
  };
}

describe("a command given again", () => {
  it("after its answer was lost is the same call, with the same secret: the one that is shown opens the door", async () => {
    const node = nodeThat("lost", "done");
    const { give } = createGiver("IssueToken");
    const request = { actor: "baby", label: "laptop" };
    expect((await give(Promise.resolve(node), request)).end).toBe("failed");
    const ended = await give(Promise.resolve(node), request);
    const secret = ended.end === "done" ? (ended.secret ?? "") : "";
    expect([...node.known.values()]).toEqual([await sha256Hex(secret)]);
  });

  it("after any other end, or with another request, is a new call with a new secret", async () => {
    const node = nodeThat("done", "not_found", "lost", "done");
    const { give } = createGiver("IssueToken");
    await give(Promise.resolve(node), { actor: "baby" });
    await give(Promise.resolve(node), { actor: "baby" });
    await give(Promise.resolve(node), { actor: "baby" });
    await give(Promise.resolve(node), { actor: "aorus-3090" });
    expect(new Set(node.calls.map((it) => it.id)).size).toBe(4);
    expect(new Set(node.calls.map((it) => it.sha256)).size).toBe(4);
  });

  it("to a node that lets nobody in any more ends with the reason", async () => {
    const over = Promise.reject(new MeshError("unauthenticated", "The page is not let in."));
    expect(await createGiver("RevokeToken").give(over, { token: crypto.randomUUID() })).toMatchObject({
      end: "failed",
      error: { code: "unauthenticated" },
    });
  });
});

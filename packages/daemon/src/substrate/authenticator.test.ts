import { expect, it } from "vitest";
import type { Credential } from "./admission.ts";
import { Authenticator } from "./authenticator.ts";

/** Asks an impl to which only `good` tokens are good. */
function authenticator() {
  const clock = { ms: 0 };
  const asked: string[] = [];
  const impl = {
    async authenticate({ token }: { readonly token: string }) {
      asked.push(token);
      return token.startsWith("good")
        ? ({ ok: true, actor: "ann", credential: "c" } as const)
        : ({ ok: false, code: "unauthenticated", message: "Unknown." } as const);
    },
  };
  const door = new Authenticator({ impls: { whenReady: async () => impl }, nowMs: () => clock.ms });
  const ask = async (token: string, remoteAddress: string, kind: Credential["kind"] = "bearer") => {
    const answer = await door.admit({ kind, token }, { remoteAddress }, 1000);
    return "refusal" in answer ? answer.refusal.status : 200;
  };
  return { clock, asked, ask };
}

it("who guesses is refused unseen for a while, and nobody at another address is", async () => {
  const { clock, asked, ask } = authenticator();
  for (let n = 0; n < 20; n++) expect(await ask(`bad ${n}`, "10.0.0.1")).toBe(401);
  expect(await ask("bad 20", "10.0.0.1")).toBe(429);
  expect(asked).toHaveLength(20);
  expect(await ask("good, never seen", "10.0.0.2")).toBe(200);
  expect(await ask("good, never seen", "10.0.0.1")).toBe(200);
  expect(await ask("good, a new one", "10.0.0.1")).toBe(429);
  clock.ms += 1000;
  expect(await ask("good, a new one", "10.0.0.1")).toBe(200);
});

it("who guesses tokens shuts out no page that comes back from the same address, and the other way round", async () => {
  const { ask } = authenticator();
  const here = "127.0.0.1";
  for (const [guessed, other] of [
    ["bearer", "page"],
    ["page", "ticket"],
  ] as const) {
    for (let n = 0; n < 20; n++) expect(await ask(`bad ${n}`, here, guessed)).toBe(401);
    expect(await ask("good, and not refused unseen", here, guessed)).toBe(429);
    expect(await ask(`good as a ${other}`, here, other)).toBe(200);
  }
});

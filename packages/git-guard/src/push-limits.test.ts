import { setTimeout as delay } from "node:timers/promises";
import type { ClaimRegistry } from "@federation/runtime/ports";
import { describe, expect, test } from "vitest";
import { createGuard } from "./hooks/guard.ts";
import type { HookAnswer } from "./hooks/hook-answer.ts";
import { defaultLimits, type GuardLimits } from "./limits.ts";
import { usePusher } from "./testing/pusher.ts";

// What one push may use up.
const at = usePusher();

/** As many refs as commits; each commit changes one path, and is the child of none of the others. */
const threeRefs = (): readonly string[] =>
  [1, 2, 3].map((n) => at.forge({ files: { [`src/${n}.ts`]: `${at.count}` } }));

function receive(
  commits: readonly string[],
  limits: Partial<GuardLimits>,
  registry: ClaimRegistry = at.world.book.registry,
): Promise<HookAnswer> {
  // Git would have the pushed objects wait beside the server's; here the clone's own are looked at.
  const environment = {
    PATH: process.env["PATH"],
    GIT_DIR: ".",
    GIT_ALTERNATE_OBJECT_DIRECTORIES: `${at.clone}/.git/objects`,
  };
  const input = commits.map((id, n) => `${"0".repeat(40)} ${id} refs/heads/${at.branch}-${n}\n`).join("");
  return createGuard(registry, { ...defaultLimits, ...limits }).preReceive(
    { cwd: at.world.server, environment },
    input,
  );
}

describe("all refs of one push share", () => {
  test("the number of paths they may change", async () => {
    const commits = threeRefs();
    expect(await receive(commits, { maxChangesPerPush: 3 })).toEqual({ ok: true, lines: [] });
    const { ok, lines } = await receive(commits, { maxChangesPerPush: 2 });
    expect(ok).toBe(false);
    expect(lines.join("\n")).toContain("More than 2 changes of paths in one push");
  });

  test("the time they may take, the federation's included", async () => {
    const commits = threeRefs();
    const slow: ClaimRegistry = {
      ...at.world.book.registry,
      async signingKeys() {
        await delay(30);
        return at.world.book.registry.signingKeys();
      },
    };
    const { ok, lines } = await receive(commits, { deadlineMs: 20 }, slow);
    expect(ok).toBe(false);
    expect(lines.join("\n")).toContain("takes too long to judge");
    expect(await receive(commits, {}, slow)).toEqual({ ok: true, lines: [] });
  });
});

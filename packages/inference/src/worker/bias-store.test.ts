import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChatMessage } from "@federation/runtime/ports";
import { expect, test } from "vitest";
import { openBiasStore } from "./bias-store.ts";

const reference: readonly ChatMessage[] = [{ role: "user", text: "What do you do now?" }];
const modelSha256 = "a".repeat(64);
const unexpected = (error: unknown): void => {
  throw error;
};

test("what is shipped is read and never written, and what was measured here goes before it", async () => {
  const dir = await mkdtemp(join(tmpdir(), "fb-"));
  try {
    const open = (cacheDir: string, shippedDir: string) =>
      openBiasStore({ cacheDir, shippedDir, modelSha256, onError: unexpected });
    const first = await open(join(dir, "one"), join(dir, "none"));
    first.put(reference, "I wait.", -1.5);
    first.put(reference, "I ask.", -2.5);
    await first.flush();
    const shippedDir = join(dir, "shipped");
    await cp(join(dir, "one", "choice-bias"), shippedDir, { recursive: true });
    const shipped = join(shippedDir, `${modelSha256}.txt`);
    await writeFile(shipped, `${await readFile(shipped, "utf8")}not a line\n`);
    const before = await readFile(shipped, "utf8");

    const second = await open(join(dir, "two"), shippedDir);
    second.put(reference, "I ask.", -3);
    await second.flush();
    const third = await open(join(dir, "two"), shippedDir);
    expect(third.get(reference, "I wait.")).toBe(-1.5);
    expect(third.get(reference, "I ask.")).toBe(-3);
    expect(third.get([...reference, ...reference], "I wait.")).toBeUndefined();
    expect(await readFile(shipped, "utf8")).toBe(before);
  } finally {
    await rm(dir, { recursive: true });
  }
});

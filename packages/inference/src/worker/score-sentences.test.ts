import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { resolveModel } from "../catalogue/resolve-model.ts";
import { largestDifference } from "./score-cases.ts";

test("scores walked as a tree are those read token by token from all probabilities", async () => {
  const dir = await mkdtemp(join(tmpdir(), "fi-"));
  try {
    expect(await largestDifference(await resolveModel("fixture", { dir }), dir)).toBeLessThan(1e-4);
  } finally {
    await rm(dir, { recursive: true });
  }
}, 60_000);

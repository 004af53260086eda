import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { createProcessLog } from "../log/index.ts";
import { until } from "./testing/start-fixture.ts";
import { watchSources } from "./watch-sources.ts";

let root = "";
let watch: { close(): void } | undefined;
afterEach(() => {
  watch?.close();
  rmSync(root, { recursive: true });
});

it("a burst of changed sources is told once, with the first of them; tests and other files are no sources", async () => {
  root = mkdtempSync(join(tmpdir(), "fed-sources-"));
  for (const folder of ["one/src/deep", "two/src", "none"]) mkdirSync(join(root, folder), { recursive: true });
  const told: string[] = [];
  const log = await createProcessLog({ level: "error", pretty: "off" }, "baby", "substrate", () => undefined);
  watch = watchSources(log, (file) => told.push(file), root);
  writeFileSync(join(root, "two/src/a.test.ts"), "");
  writeFileSync(join(root, "two/src/notes.md"), "");
  writeFileSync(join(root, "two/src/first.ts"), "");
  writeFileSync(join(root, "two/src/second.ts"), "");
  await until("it is told", () => told.length > 0);
  writeFileSync(join(root, "one/src/deep/third.ts"), "");
  await until("the next change is told", () => told.length > 1);
  expect(told).toEqual([join("two", "src", "first.ts"), join("one", "src", "deep", "third.ts")]);
});

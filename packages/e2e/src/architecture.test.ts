import path from "node:path";
import { describe, expect, test } from "vitest";
import { arrows, checkArchitecture, questionLines } from "./architecture/rules.ts";
import { type Manifest, readRepository, readSource } from "./architecture/source.ts";

const packages = path.join(import.meta.dirname, "../..");
const repository = await readRepository(packages);

test("the sources keep the arrows, the owners and the house rules", () => {
  expect(repository.sources.length).toBeGreaterThan(20);
  const lines = checkArchitecture(repository.sources, repository.manifests).map((it) => `${it.where} ${it.rule}`);
  expect(lines).toEqual([]);
});

test("every row of the table is a package that exists", () => {
  expect(repository.manifests.map((it) => it.folder).sort()).toEqual(Object.keys(arrows).sort());
});

test("files over 300 lines are named, as a question", () => {
  const long = repository.sources.filter((it) => it.lines > questionLines);
  for (const it of long) process.stderr.write(`long file: ${it.package}/${it.file}, ${it.lines} lines\n`);
  // A quarter of all files being long would be no question any more.
  expect(long.length).toBeLessThan(repository.sources.length / 4);
});

/** What the made-up packages offer besides their index. */
const entries: Readonly<Record<string, readonly string[]>> = {
  core: ["./testing"],
  runtime: ["./ports"],
  transport: ["./embedded-broker"],
  portal: ["./reveal"],
};

/** Checks one made-up file beside a made-up set of packages; answers the rules it breaks. */
function breaches(place: string, text: string, extra: readonly string[] = []): string[] {
  const [folder = "", ...rest] = place.split("/");
  const libraries = ["zod", "pg", "ws", "@stomp/stompjs", "node-llama-cpp", "@modelcontextprotocol/server", ...extra];
  const manifests = Object.keys(arrows).map(
    (name): Manifest => ({
      folder: name,
      dependencies: [...Object.keys(arrows).map((it) => `@federation/${it}`), ...libraries],
      devDependencies: ["vitest", "fast-check", "@types/vscode"],
      exports: Object.fromEntries([".", ...(entries[name] ?? [])].map((entry) => [entry, "src/index.ts"])),
    }),
  );
  return checkArchitecture([readSource(folder, rest.join("/"), text)], manifests).map((it) => it.rule);
}

describe("each rule can fail", () => {
  const cases: readonly (readonly [place: string, text: string, breach: string])[] = [
    ["core/src/a.ts", `import "@federation/runtime";`, "may not import runtime"],
    ["core/src/a.ts", `import { readFile } from "node:fs/promises";`, "through ports only"],
    ["core/src/a.ts", `import { randomUUID } from "crypto";`, "through ports only"],
    ["core/src/a.ts", `import ws from "ws";`, "imports the library ws"],
    ["runtime/src/a.ts", `import type { Store } from "@federation/store";`, "may not import store"],
    ["runtime/src/a.ts", `import { z } from "zod";`, "imports the library zod"],
    ["runtime/src/a.ts", `const fs = await import("node:fs");`, "through ports only"],
    ["runtime/src/a.test.ts", `import "@federation/testkit";`, "may not import testkit"],
    ["store/src/a.ts", `import { run } from "@federation/runtime";`, "may not import runtime"],
    ["store/src/a.ts", `import { run } from "@federation/transport";`, "may not import transport"],
    ["store/src/a.ts", `type T = import("@federation/mcp").T;`, "may not import mcp"],
    ["store/src/a.ts", `import { fake } from "@federation/testkit";`, "may not import testkit"],
    ["transport/src/a.ts", `export { go } from "@federation/inference";`, "may not import inference"],
    ["testkit/src/a.ts", `import { run } from "@federation/store";`, "may not import store"],
    ["daemon/src/a.ts", `import { x } from "@federation/e2e";`, "may not import e2e"],
    ["daemon/src/a.ts", `import { x } from "../../store/src/pool.ts";`, "reaches out of its package"],
    ["daemon/src/a.ts", `import { x } from "@federation/store/src/pool.ts";`, "does not offer"],
    ["daemon/src/a.ts", `import { x } from "@federation/transport/frames";`, "does not offer"],
    ["daemon/src/a.ts", `import { Pool } from "pg";`, "imports pg; only store"],
    ["daemon/src/a.ts", `import { McpServer } from "@modelcontextprotocol/server";`, "only mcp does"],
    ["daemon/src/a.ts", `import { getLlama } from "node-llama-cpp";`, "only inference does"],
    ["portal/src/a.ts", `import * as vscode from "vscode";`, "only vscode does"],
    ["vscode/src/a.ts", `import { createMcpSessions } from "@federation/mcp";`, "may not import mcp"],
    ["vscode/src/a.ts", `import { createApp } from "@federation/portal";`, "may not import portal"],
    ["mcp/src/a.ts", `import { Client } from "@stomp/stompjs";`, "only transport does"],
    ["mcp/src/a.ts", `const sql = "insert into messages (id) values ($1)";`, "holds SQL"],
    ["mcp/src/a.ts", `const sql = (id: string) => \`select * from messages where id = \${id}\`;`, "holds SQL"],
    ["mcp/src/a.ts", `export const port = process.env.PORT;`, "reads process.env"],
    ["mcp/src/a.ts", `export const port = process["env"].PORT;`, "reads process.env"],
    ["mcp/src/a.ts", `const { env } = process;`, "reads process.env"],
    ["mcp/src/a.ts", `import { env } from "node:process";`, "reads process.env"],
    ["mcp/src/a.ts", `export * from "./b.ts";`, "re-exports all of ./b.ts"],
    ["mcp/src/a.ts", `export type * from "./b.ts";`, "re-exports all of ./b.ts"],
    ["mcp/src/a.ts", `export default 1;`, "has a default export"],
    ["mcp/src/a.ts", `const a = 1; export { a as default };`, "has a default export"],
    ["mcp/src/a.ts", `import { x } from "left-pad";`, "does not declare"],
    ["mcp/src/a.ts", `import { test } from "vitest";`, "does not declare"],
    ["mcp/src/a.ts", `import { x } from "./b.test.ts";`, "ships test code"],
    ["runtime/src/a.ts", `import { x } from "@federation/core/testing";`, "ships test code: core/testing"],
    ["core/src/a.ts", `import { x } from "./testing/b.ts";`, "ships test code"],
    ["mcp/src/a.ts", "\n".repeat(501), "501 lines"],
  ];
  test.each(cases)("%s: %s", (place, text, breach) => {
    expect(breaches(place, text)).toEqual([expect.stringContaining(breach)]);
  });

  test("a package without a row", () => {
    const unknown: Manifest = { folder: "utils", dependencies: [], devDependencies: [], exports: {} };
    expect(checkArchitecture([], [unknown]).map((it) => it.where)).toEqual(["utils"]);
  });
});

describe("what is lawful passes", () => {
  const cases: readonly (readonly [place: string, text: string])[] = [
    ["core/src/a.ts", `import { z } from "zod"; import { b } from "./b.ts";`],
    ["core/src/a.test.ts", `import { readFileSync } from "node:fs"; import { test } from "vitest"; import "zod";`],
    [
      "runtime/src/a.ts",
      `import { MeshError } from "@federation/core"; import type { Clock } from "./ports/clock.ts";`,
    ],
    ["store/src/a.ts", `import type { Clock } from "@federation/runtime/ports"; import { Pool } from "pg";`],
    ["store/src/a.ts", `const sql = "select id from messages where id = $1";`],
    ["store/src/a.test.ts", `import { x } from "@federation/testkit"; import fc from "fast-check";`],
    ["mcp/src/a.ts", `// process.env and "insert into t" in a comment\nconst say = "Please select one from the list";`],
    ["daemon/src/config/environment.ts", `export const port = process.env["PORT"];`],
    ["transport/src/broker/main.ts", `const config = read(process.env);`],
    ["inference/src/child-environment.ts", `export const inherited = { PATH: process.env["PATH"] };`],
    ["daemon/src/a.ts", `import { run } from "@federation/runtime"; import "@federation/transport/embedded-broker";`],
    ["runtime/src/a.test.ts", `import { x } from "@federation/core/testing";`],
    ["e2e/src/a.ts", `import { Pool } from "pg"; import { x } from "@federation/testkit";`],
    ["vscode/src/a.ts", `import * as vscode from "vscode"; import { reveal } from "@federation/portal/reveal";`],
  ];
  test.each(cases)("%s: %s", (place, text) => {
    expect(breaches(place, text)).toEqual([]);
  });
});

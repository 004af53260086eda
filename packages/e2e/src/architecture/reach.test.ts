import { isBuiltin } from "node:module";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { reachOf } from "./reach.ts";
import { type Manifest, readRepository, readSource } from "./source.ts";

const repository = await readRepository(path.join(import.meta.dirname, "../../.."));

/** Each part of Node that is reached, and by whom. */
function partsOfNode(entry: string, within = repository): string[] {
  const { outside } = reachOf(entry, within);
  return [...outside].filter(([name]) => isBuiltin(name)).map(([name, by]) => `${by.join(", ")} imports ${name}`);
}

describe("where there is no Node", () => {
  test("the control client for pages reaches nothing of Node, and of libraries those that run in pages", () => {
    const { files, outside } = reachOf("mcp/src/client/web.ts", repository);
    // It is followed into other packages, or it would prove nothing.
    expect([...files]).toEqual(expect.arrayContaining(["mcp/src/client/link.ts", "core/src/index.ts"]));
    expect(partsOfNode("mcp/src/client/web.ts")).toEqual([]);
    expect([...outside.keys()].sort()).toEqual(["@modelcontextprotocol/client", "zod"]);
  });

  test("the portal reaches nothing of Node", () => {
    expect(reachOf("portal/src/main.tsx", repository).files).toContain("mcp/src/client/web.ts");
    expect(partsOfNode("portal/src/main.tsx")).toEqual([]);
  });

  test("what the portal offers to an editor reaches nothing of Node", () => {
    const entries = Object.values(repository.manifests.find((it) => it.folder === "portal")?.exports ?? {});
    expect(entries.length).toBeGreaterThan(0);
    for (const entry of entries) expect(partsOfNode(`portal/${entry}`), entry).toEqual([]);
  });

  test("the control client for programs would be found: it has Node's socket", () => {
    expect([...reachOf("mcp/src/client/index.ts", repository).outside.keys()]).toContain("ws");
    expect(partsOfNode("daemon/src/bin/federation.ts").length).toBeGreaterThan(0);
  });
});

describe("a part of Node is found", () => {
  const manifest = (folder: string, exports: Manifest["exports"]): Manifest => ({
    folder,
    dependencies: [],
    devDependencies: [],
    exports,
  });
  const made = (texts: Readonly<Record<string, string>>) => ({
    sources: Object.entries(texts).map(([place, text]) => {
      const [folder = "", ...rest] = place.split("/");
      return readSource(folder, rest.join("/"), text);
    }),
    manifests: [
      manifest("a", { ".": "src/index.ts" }),
      manifest("b", { ".": "src/index.ts", "./deep": "src/deep.ts" }),
    ],
  });

  test.each([
    ["itself", { "a/src/index.ts": `import { readFile } from "node:fs/promises";` }, "a/src/index.ts"],
    ["without its prefix", { "a/src/index.ts": `import { randomUUID } from "crypto";` }, "a/src/index.ts"],
    ["for its effect", { "a/src/index.ts": `import "node:process";` }, "a/src/index.ts"],
    ["behind a file", { "a/src/index.ts": `import "./b.ts";`, "a/src/b.ts": `import "node:fs";` }, "a/src/b.ts"],
    [
      "behind what is handed on",
      { "a/src/index.ts": `export { b } from "./b.ts";`, "a/src/b.ts": `import "node:fs";` },
      "a/src/b.ts",
    ],
    [
      "behind what is loaded late",
      { "a/src/index.ts": `await import("./b.ts");`, "a/src/b.ts": `import "node:fs";` },
      "a/src/b.ts",
    ],
    [
      "behind a package",
      { "a/src/index.ts": `import "@federation/b";`, "b/src/index.ts": `import "node:fs";` },
      "b/src/index.ts",
    ],
    [
      "behind an entry of a package",
      { "a/src/index.ts": `import "@federation/b/deep";`, "b/src/deep.ts": `import "node:fs";` },
      "b/src/deep.ts",
    ],
    [
      "behind files that import each other",
      { "a/src/index.ts": `import "./b.ts";`, "a/src/b.ts": `import "./index.ts"; import "node:fs";` },
      "a/src/b.ts",
    ],
  ] as const)("%s", (_how, texts, where) => {
    expect(partsOfNode("a/src/index.ts", made(texts))).toEqual([expect.stringContaining(`${where} imports `)]);
  });

  test("unless only its types are asked for, which no page loads", () => {
    const texts = {
      "a/src/index.ts": `import type { Server } from "node:http"; export type { Stats } from "node:fs";`,
    };
    expect(partsOfNode("a/src/index.ts", made(texts))).toEqual([]);
  });

  test("or not known: an import that leads to no source is an error", () => {
    const within = (text: string) => () => reachOf("a/src/index.ts", made({ "a/src/index.ts": text }));
    expect(within(`import "./gone.ts";`)).toThrow("a/src/gone.ts is no source");
    expect(within(`import "@federation/b/hidden";`)).toThrow("does not offer");
    expect(within(`import "@federation/c";`)).toThrow("does not offer");
    expect(within(`import "./look.css";`)).not.toThrow();
  });
});

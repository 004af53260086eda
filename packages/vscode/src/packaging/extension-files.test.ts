/** The extension as it is really built. */
import { isBuiltin } from "node:module";
import { beforeAll, describe, expect, test } from "vitest";
import { readExtensionFiles } from "./extension-files.ts";
import { manifestSchema, packVsix } from "./vsix.ts";

/** A call, and not the text of one: the MCP SDK carries a writer of code with it, which is not used. */
const loaded = /(?<![`\w.])require\("([^"]+)"\)/g;
/** What ws takes where it is installed, and does without. */
const optional = ["bufferutil", "utf-8-validate"];
const mostBytes = 600 * 1024;

describe("what is shipped", () => {
  let files: ReadonlyMap<string, Uint8Array>;
  const textOf = (name: string) => new TextDecoder().decode(files.get(name));

  beforeAll(async () => {
    files = await readExtensionFiles();
  });

  test("is small", () => {
    const vsix = packVsix(manifestSchema.parse(JSON.parse(textOf("package.json"))), files);
    process.stderr.write(`VSIX: ${files.size} files, ${Math.ceil(vsix.byteLength / 1024)} KB\n`);
    expect(vsix.byteLength).toBeLessThan(mostBytes);
  });

  test("has no source map, of ours or of a dependency, beside the code or inside of it", () => {
    for (const name of files.keys()) {
      expect(name).not.toMatch(/\.map$|node_modules/);
      if (/\.(c?js|css)$/.test(name)) expect(textOf(name)).not.toContain("sourceMappingURL=");
    }
  });

  test("needs nothing from a registry: what the host loads is the editor's, Node's, or shipped", () => {
    const scripts = [...files.keys()].filter((it) => it.endsWith(".cjs"));
    expect(scripts).toContain("host/main.cjs");
    const wanted = scripts.flatMap((name) => [...textOf(name).matchAll(loaded)]);
    for (const [, specifier = ""] of wanted) {
      if (specifier === "vscode" || isBuiltin(specifier) || optional.includes(specifier)) continue;
      expect([...files.keys()]).toContain(`host/${specifier.replace("./", "")}`);
    }
  });

  test("loads little with each window: the entry is small, the rest comes when it is needed", () => {
    expect(files.get("host/main.cjs")?.byteLength).toBeLessThan(48 * 1024);
  });

  test("has the page as the daemon serves it, by relative addresses", () => {
    expect(textOf("portal/index.html")).toMatch(/src="\.\/assets\/[^"]+\.js"/);
    expect(textOf("portal/index.html")).not.toMatch(/(src|href)="(\/|https?:)/);
  });

  test("tells of no machine on which it was built", () => {
    const root = process.cwd();
    for (const [name, content] of files) expect([name, Buffer.from(content).includes(root)]).toEqual([name, false]);
  });
});

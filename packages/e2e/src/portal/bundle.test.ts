import { beforeAll, describe, expect, test } from "vitest";
import { type BuiltFile, builtFiles, withBuiltPage } from "./testing/built-page.ts";

describe("the built page", () => {
  let files: readonly BuiltFile[];
  let scripts: string;
  beforeAll(async () => {
    files = await withBuiltPage([], builtFiles);
    scripts = files
      .filter((it) => it.name.endsWith(".js"))
      .map((it) => it.content.toString())
      .join("\n");
  });

  test("weighs at most 350 kB gzipped, with its font", () => {
    const gzipBytes = files.reduce((sum, it) => sum + it.gzipBytes, 0);
    expect(gzipBytes, files.map((it) => `${it.name}: ${it.gzipBytes}`).join("\n")).toBeLessThanOrEqual(350_000);
  });

  test("is a page with its script, style, sign and font, and nothing that leads back to its sources", () => {
    const endings = files.map((it) => it.name.slice(it.name.lastIndexOf("."))).sort();
    expect(endings).toEqual([".css", ".html", ".js", ".svg", ".woff2"]);
    for (const { name, content } of files) expect(content.toString(), name).not.toContain("sourceMappingURL");
  });

  test("holds nothing of Node's", () => {
    expect(scripts).not.toMatch(/["'`]node:/);
    expect(scripts).not.toMatch(/\brequire\(/);
  });
});

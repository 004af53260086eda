/**
 * The documents do not lie about what is there: what they link to exists, the scripts they tell a reader to run exist,
 * and what a benchmark writes has been written.
 */
import { globSync } from "node:fs";
import { access, readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";

const root = path.join(import.meta.dirname, "../../../..");
/** Folders of what is not ours, or was made by a run. */
const foreign = new Set(["node_modules", ".federation", "output", "dist"]);
const files = globSync("**/*.md", { cwd: root, exclude: (it) => foreign.has(path.basename(it)) }).sort();
const documents = await Promise.all(files.map(async (file) => [file, await read(file)] as const));

/** What pnpm itself understands. */
const verbs = ["install", "exec"];

function read(file: string): Promise<string> {
  return readFile(path.join(root, file), "utf8");
}

/** Without what stands there as code. */
const prose = (markdown: string): string =>
  markdown.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, "").replaceAll(/`[^`\n]*`/g, "");

/** Where a document leads to in this repository: as a link, a picture, or under a name further down. */
function targetsOf(markdown: string): readonly string[] {
  const found = [
    ...prose(markdown).matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g),
    ...prose(markdown).matchAll(/^\[[^\]]+\]:\s+(\S+)/gm),
    ...prose(markdown).matchAll(/\s(?:src|srcset|href)="([^"]+)"/g),
  ].map(([, target = ""]) => target);
  return found.filter((it) => !/^(?:[a-z]+:|#)/.test(it)).map((it) => it.replace(/#.*/, ""));
}

const scriptsOf = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/npx -y pnpm@12 ([a-z][a-z:-]*)/g)].map(([, script = ""]) => script);

/** By what a section is written in which nothing stands, or which has no end. */
const emptySectionsOf = (markdown: string): readonly string[] =>
  markdown
    .split("<!-- written by ")
    .slice(1)
    .filter((it) => !/^.* -->\s*(?!\s|<!--)[\s\S]+<!-- end of what is written -->/.test(it))
    .map((it) => it.replace(/ -->[\s\S]*/, ""));

describe.each(documents)("%s", (file, markdown) => {
  test("links to what is there", async () => {
    const there = async (target: string) =>
      access(path.join(root, path.dirname(file), decodeURI(target))).then(
        () => [],
        () => [target],
      );
    expect((await Promise.all(targetsOf(markdown).map(there))).flat()).toEqual([]);
  });

  test("tells a reader to run scripts that there are", async () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(await read("package.json")));
    const known = new Set([...Object.keys(scripts), ...verbs]);
    expect(scriptsOf(markdown).filter((it) => !known.has(it))).toEqual([]);
  });

  test("has what is written into it by a run", () => {
    expect(emptySectionsOf(markdown)).toEqual([]);
  });
});

describe("what is looked for", () => {
  test("is seen as a link, a picture, an element and a name, and not as code, a web address or a heading", () => {
    const markdown = `See [a](b.md#there), ![c](d.png "e"), <img src="f.svg">, [g][h], [i](https://j.example), [k](#l).
\`[m](n.md)\`
\`\`\`
[o](p.md)
\`\`\`
[h]: q/r.md
`;
    expect(targetsOf(markdown)).toEqual(["b.md", "d.png", "q/r.md", "f.svg"]);
  });

  test("is a section with nothing in it, or without an end", () => {
    const mark = "<!-- written by `pnpm bench x` -->";
    const end = "<!-- end of what is written -->";
    expect(emptySectionsOf(`${mark}\n\nIt is fast.\n\n${end}\n`)).toEqual([]);
    for (const markdown of [`${mark}\n${end}\n`, `${mark}\n\nIt is fast.\n`])
      expect(emptySectionsOf(markdown)).toEqual(["`pnpm bench x`"]);
  });

  test("is in every folder that has documents", () => {
    expect(files).toEqual(expect.arrayContaining(["README.md", "docs/mcp.md", "docs/decisions/0014-page-sessions.md"]));
    expect(files.some((it) => it.includes("node_modules"))).toBe(false);
  });
});

import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { articleIds, MeshError } from "@federation/core";
import { afterAll, expect, test } from "vitest";
import { loadCharter } from "./charter-files.ts";

const shipped = path.join(import.meta.dirname, "../../../charter");
const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

/** The shipped charter with one file changed; null removes it. */
async function changed(file: string, change: ((source: string) => string) | null): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "federation-charter-"));
  folders.push(folder);
  await cp(shipped, folder, { recursive: true });
  const at = path.join(folder, file);
  if (change === null) await rm(at);
  else await writeFile(at, change(await readFile(at, "utf8").catch(() => "")));
  return folder;
}

test("the shipped charter has every article once, with text, reasons and parameters", async () => {
  const charter = await loadCharter(shipped);
  expect(charter.articles.map((a) => a.id).sort()).toEqual([...articleIds].sort());
  for (const article of charter.articles) {
    expect(article.text.length, article.id).toBeGreaterThan(20);
    expect(article.text, article.id).not.toContain("## Rationale");
    expect(article.refusedBy, article.id).toContain("gate");
    expect(article.rationale.length, article.id).toBeGreaterThan(20);
  }
  expect(charter.parameters["quorum-and-deadline"].quorum).toBe(0.5);
});

const file = "06-quorum-and-deadline.md";
const mistakes: readonly (readonly [what: string, change: ((source: string) => string) | null, says: RegExp])[] = [
  ["a parameter out of bounds", (s) => s.replace("quorum: 0.5", "quorum: 2"), /06-quorum.*parameters\.quorum/],
  ["an unknown parameter", (s) => s.replace("quorum: 0.5", "quorum: 0.5\n  luck: 1"), /06-quorum.*parameters.*luck/],
  ["a missing parameter", (s) => s.replace("  threshold: 0.5\n", ""), /06-quorum.*parameters\.threshold/],
  ["a nested parameter", (s) => s.replace("vote: 300000", "vote: never"), /06-quorum.*phaseDeadlineMs\.vote/],
  ["an unknown key", (s) => s.replace("title:", "author: me\ntitle:"), /06-quorum.*author/],
  ["a missing title", (s) => s.replace(/title: .*\n/, ""), /06-quorum.*title/],
  ["an unknown article", (s) => s.replace("id: quorum-and-deadline", "id: quorums"), /06-quorum.*id/],
  ["a standing the code does not know", (s) => s.replace("title:", "optional: true\ntitle:"), /06-quorum.*optional/],
  ["no front matter", () => "Just prose.", /06-quorum.*front matter/],
  ["broken YAML", (s) => s.replace("parameters:", "parameters: [:"), /06-quorum.*YAML/],
  ["no rationale", (s) => s.replace(/## Rationale[\s\S]*/, ""), /06-quorum.*Rationale/],
  ["a missing article", null, /no file has the article quorum-and-deadline/],
];

test.each(mistakes)("%s is named with its file and key", async (_, change, says) => {
  const folder = await changed(file, change);
  const error = await loadCharter(folder).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(MeshError);
  expect(error).toMatchObject({ code: "config_invalid", message: expect.stringMatching(says) });
});

test("an article that is there twice is refused", async () => {
  const folder = await changed("13-again.md", () => "");
  await cp(path.join(folder, "12-budgets.md"), path.join(folder, "13-again.md"));
  await expect(loadCharter(folder)).rejects.toThrow(/12-budgets\.md and 13-again\.md.*more than once/);
});

test("a folder that is not there is said so", async () => {
  await expect(loadCharter(path.join(shipped, "nowhere"))).rejects.toThrow(/cannot be read/);
});

import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { articleIds, charterParametersSchema, MeshError, articles as standing } from "@federation/core";
import { parseDocument } from "yaml";
import { z } from "zod";
import type { CharterText } from "./admin.ts";

/**
 * The charter as files: one article per `NN-id.md`, its id, title, principle and parameters as YAML front matter, its
 * text as prose, its reasons under `## Rationale`.
 *
 * 1. Every article the code knows is there exactly once, and no other: a law nobody enforces would be a lie.
 * 2. Which articles are optional or entrenched is said in both places, and must agree.
 * 3. A mistake names the file and the key.
 */
const frontMatterSchema = z.strictObject({
  id: z.enum(articleIds),
  title: z.string().min(1).max(200),
  principle: z.string().min(1).max(400),
  refusedBy: z.array(z.enum(["grammar", "gate", "database"])).min(1),
  optional: z.boolean().default(false),
  entrenched: z.boolean().default(false),
  parameters: z.record(z.string(), z.unknown()),
});

interface Article {
  readonly file: string;
  readonly head: z.infer<typeof frontMatterSchema>;
  readonly text: string;
  readonly rationale: string;
}

/** Reads all articles of `dir`. @throws MeshError `config_invalid`, naming the file and the key that is wrong. */
export async function loadCharter(dir: string): Promise<CharterText> {
  const names = await readdir(dir).catch((error: unknown) => {
    throw new MeshError("config_invalid", `The charter's folder ${dir} cannot be read: ${String(error)}`, {
      cause: error,
    });
  });
  const files = names.filter((name) => /^\d.*\.md$/.test(name)).sort();
  const articles = await Promise.all(
    files.map(async (file) => parseArticle(file, await readFile(path.join(dir, file), "utf8"))),
  );
  for (const id of articleIds) {
    const holders = articles.filter((a) => a.head.id === id).map((a) => a.file);
    if (holders.length === 0) wrong(dir, `no file has the article ${id}`);
    if (holders.length > 1) wrong(holders.join(" and "), `id: ${id} is there more than once`);
  }
  const parameters = charterParametersSchema.safeParse(
    Object.fromEntries(articles.map((a) => [a.head.id, a.head.parameters])),
  );
  if (!parameters.success) {
    const issue = parameters.error.issues[0];
    const [article, ...keys] = issue?.path ?? [];
    const file = articles.find((a) => a.head.id === article)?.file ?? dir;
    return wrong(file, `${["parameters", ...keys].join(".")}: ${issue?.message ?? "is not valid"}`);
  }
  for (const { file, head } of articles)
    for (const key of ["optional", "entrenched"] as const)
      if (head[key] !== standing[head.id][key]) wrong(file, `${key}: the code says ${standing[head.id][key]}`);
  return {
    articles: articles.map(({ head, text, rationale }) => ({
      id: head.id,
      title: head.title,
      principle: head.principle,
      refusedBy: head.refusedBy,
      optional: head.optional,
      entrenched: head.entrenched,
      text,
      rationale,
    })),
    parameters: parameters.data,
  };
}

function parseArticle(file: string, source: string): Article {
  const parts = /^---\r?\n([\s\S]*?)\r?\n---\r?\n([\s\S]*)$/.exec(source);
  if (parts === null) return wrong(file, "it does not begin with front matter between two lines of ---");
  const yaml = parseDocument(parts[1] ?? "");
  const problem = yaml.errors[0];
  if (problem !== undefined) return wrong(file, `the front matter is no YAML: ${problem.message.split("\n")[0] ?? ""}`);
  const head = frontMatterSchema.safeParse(yaml.toJS());
  if (!head.success) {
    const issue = head.error.issues[0];
    return wrong(file, `${issue?.path.join(".") || "front matter"}: ${issue?.message ?? "is not valid"}`);
  }
  const [text = "", rationale = "", ...more] = (parts[2] ?? "").split(/^## Rationale[ \t]*$/m).map((it) => it.trim());
  if (text === "") return wrong(file, "the article has no text");
  if (rationale === "" || more.length > 0) return wrong(file, "it needs one section ## Rationale, with text");
  return { file, head: head.data, text, rationale };
}

function wrong(where: string, what: string): never {
  throw new MeshError("config_invalid", `charter: ${where}: ${what}`);
}

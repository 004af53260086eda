/** The blocks of docs/join.md, and what of them starts or reaches a server. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse as parseToml } from "smol-toml";
import { z } from "zod";
import { repository } from "./join-node.ts";

export interface Block {
  /** Of the host it is for. */
  readonly heading: string;
  readonly language: string;
  readonly text: string;
}

/** How a host reaches the node, whatever its configuration calls it. */
export type Way =
  | { readonly kind: "stdio"; readonly command: string; readonly args: readonly string[] }
  | { readonly kind: "http"; readonly url: string; readonly headers: Readonly<Record<string, string>> };

/** What stands for the reader's own in the document, and is put in its place by a test. */
export interface Place {
  readonly port: number;
  readonly token: string;
  readonly tokenFile: string;
}

const fence = /^```(\w+)\n([\s\S]*?)^```$|^## (.+)$/gm;

export function joinBlocks(): readonly Block[] {
  const text = readFileSync(path.join(repository, "docs/join.md"), "utf8");
  const blocks: Block[] = [];
  let heading = "";
  for (const [, language, body, title] of text.matchAll(fence)) {
    if (title !== undefined) heading = title;
    else if (language !== undefined && body !== undefined) blocks.push({ heading, language, text: body });
  }
  return blocks;
}

const stdioSchema = z.strictObject({
  type: z.literal("stdio").optional(),
  command: z.string(),
  args: z.array(z.string()),
});
const headers = z.record(z.string(), z.string());
const httpSchema = z.strictObject({ type: z.literal("http").optional(), url: z.url(), headers });
const geminiHttpSchema = z.strictObject({ httpUrl: z.url(), headers });
const codexHttpSchema = z.strictObject({ url: z.url(), bearer_token_env_var: z.string() });
const serverSchema = z.union([stdioSchema, httpSchema, geminiHttpSchema, codexHttpSchema]);
const servers = z.strictObject({ federation: serverSchema });

/** The key each host keeps its servers under; nothing else may stand in a block. */
const fileSchema = z.union([
  z.strictObject({ mcpServers: servers }),
  z.strictObject({ servers, inputs: z.array(z.looseObject({ id: z.string() })).optional() }),
  z.strictObject({ mcp_servers: servers }),
]);

/** @throws when the block is no configuration of a host. */
export function wayOf({ language, text }: Block): Way {
  const file = fileSchema.parse(language === "toml" ? parseToml(text) : JSON.parse(text));
  const { federation } = "mcpServers" in file ? file.mcpServers : "servers" in file ? file.servers : file.mcp_servers;
  if ("command" in federation) return { kind: "stdio", command: federation.command, args: federation.args };
  if ("httpUrl" in federation) return { kind: "http", url: federation.httpUrl, headers: federation.headers };
  if ("headers" in federation) return { kind: "http", url: federation.url, headers: federation.headers };
  // Codex makes the header itself, from a variable of its environment.
  const authorization = `Bearer $${federation.bearer_token_env_var}`;
  return { kind: "http", url: federation.url, headers: { Authorization: authorization } };
}

/** The document's own places and variables, each host's way to write one included, replaced by real ones. */
export function inPlace(text: string, { port, token, tokenFile }: Place): string {
  return text
    .replaceAll("/opt/federation", repository)
    .replaceAll("/home/you/copilot-1.token", tokenFile)
    .replaceAll("127.0.0.1:7400", `127.0.0.1:${port}`)
    .replaceAll(/\$\{(?:env:|input:)?(?:FEDERATION_TOKEN|federation-token)\}|\$FEDERATION_TOKEN/g, token);
}

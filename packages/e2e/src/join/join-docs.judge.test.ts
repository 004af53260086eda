import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inspectorVersion, launcher, printed } from "./testing/inspector.ts";
import { type Block, inPlace, joinBlocks, type Place, type Way, wayOf } from "./testing/join-blocks.ts";
import { type JoinNode, repository, startJoinNode } from "./testing/join-node.ts";

const blocks = joinBlocks();
const configurations = blocks.filter(({ language }) => language === "json" || language === "toml");
const commands = blocks
  .filter(({ language }) => language === "sh")
  .map((block) => ({ ...block, line: block.text.trim() }));
const programs = blocks.filter(({ language }) => language === "ts");

let node: JoinNode;
let place: Place;
const clients: Client[] = [];

beforeAll(async () => {
  node = await startJoinNode();
  await node.federation("actor", "add", "copilot-1", "--role", "developer");
  place = { port: node.port, ...(await node.issueToken("copilot-1")) };
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await node?.close();
});

/** Connects as the host would and answers who one is there. */
async function join(way: Way): Promise<{ readonly tools: readonly string[]; readonly prompts: readonly string[] }> {
  const client = new Client({ name: "join-docs", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
  clients.push(client);
  await client.connect(
    way.kind === "stdio"
      ? new StdioClientTransport({ command: way.command, args: [...way.args], stderr: "ignore" })
      : new StreamableHTTPClientTransport(new URL(way.url), { requestInit: { headers: way.headers } }),
  );
  const { tools } = await client.listTools();
  const { prompts } = await client.listPrompts();
  return { tools: tools.map((tool) => tool.name), prompts: prompts.map((prompt) => prompt.name) };
}

function placed(way: Way): Way {
  const put = (text: string) => inPlace(text, place);
  if (way.kind === "stdio") return { ...way, command: put(way.command), args: way.args.map(put) };
  const headers = Object.entries(way.headers).map(([name, value]) => [name, put(value)] as const);
  return { ...way, url: put(way.url), headers: Object.fromEntries(headers) };
}

const joined = {
  tools: expect.arrayContaining(["list_tasks", "claim_task", "submit_task", "send_message", "cast_ballot"]),
  prompts: expect.arrayContaining(["join-the-federation"]),
};

const title = ({ heading, language, text }: Block) =>
  `${heading}: ${language} ${/https?Url|"url"|^url/m.test(text) ? "HTTP" : "stdio"}`;

describe("a block of docs/join.md", () => {
  it.each(configurations.map((block) => ({ name: title(block), block })))("connects: $name", async ({ block }) => {
    expect(await join(placed(wayOf(block)))).toMatchObject(joined);
  });

  it.each(commands.filter(({ line }) => / mcp add /.test(line)))(
    "names a command that connects: $line",
    async ({ line }) => {
      const [command = "", ...args] = (line.split(" -- ")[1] ?? "").split(" ");
      expect(await join(placed({ kind: "stdio", command, args }))).toMatchObject(joined);
    },
  );

  it.each(commands.filter(({ line }) => line.startsWith("npx ")))("runs in the inspector: $line", async ({ line }) => {
    const program = `npx @modelcontextprotocol/inspector@${inspectorVersion}`;
    expect(line.startsWith(program), "the version that is installed here").toBe(true);
    const words = `"${process.execPath}" "${launcher}"${inPlace(line.slice(program.length), place)} --format json --quiet`;
    const { stdout } = await promisify(execFile)("sh", ["-c", words], {
      cwd: node.dir,
      env: { ...process.env, HOME: node.dir },
      maxBuffer: 16 * 1024 * 1024,
    });
    expect(printed(stdout)).toMatchObject({
      tools: expect.arrayContaining([expect.objectContaining({ name: "claim_task" })]),
    });
  });

  it.each(programs)("is a program that runs", async ({ text }) => {
    const source = `${inPlace(text, place)}\nconsole.log(tools.length);\nawait client.close();\n`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module-typescript", "--eval", source],
      { cwd: path.join(repository, "packages/e2e"), env: { ...process.env, FEDERATION_TOKEN: place.token } },
    );
    expect(Number(stdout)).toBeGreaterThan(20);
  });
});

describe("docs/join.md", () => {
  it("has a block for each host it names", () => {
    const text = readFileSync(path.join(repository, "docs/join.md"), "utf8");
    const hosts = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    const others = ["Three steps", "What was checked"];
    expect([...new Set(blocks.map(({ heading }) => heading))]).toEqual(
      hosts.filter((it) => !others.includes(it ?? "")),
    );
  });
});

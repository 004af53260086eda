/**
 * The server the reload tools are tried on: an ordinary MCP server over stdio with two tools, which knows nothing of
 * being reloaded. Its effect is a line in a file, written before it answers.
 *
 * Started by a file that is rewritten for every reload, as `node server.mjs`: see `writeServerFile`.
 */
import { appendFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

/** What a call takes: long enough to be under way when the server goes. */
export const WORK_MS = 20;
/** Where the small server as an impl finds what it is, in its state folder. */
export const smallImplFile = "small.json";

export interface SmallServer {
  /** A line per effect: the call's id, and who did it. */
  readonly effectsFile: string;
  /** Told in every answer, so that it is seen which code answers. */
  readonly version: number;
}

/** @public Called by the file that `writeServerFile` writes. */
export function serveSmall({ effectsFile, version }: SmallServer): void {
  serveStdio(() => {
    const mcp = new McpServer({ name: "small", version: String(version) });
    mcp.registerTool(
      "echo",
      {
        description: "Writes a line and says the text again.",
        inputSchema: z.object({ id: z.string(), text: z.string() }),
        outputSchema: z.object({ id: z.string(), text: z.string(), version: z.int() }),
      },
      async ({ id, text }) => {
        await appendFile(effectsFile, `${id}\n`);
        await new Promise((resolve) => setTimeout(resolve, WORK_MS));
        return answer({ id, text, version });
      },
    );
    mcp.registerTool(
      "version",
      {
        description: "Says which code this is.",
        inputSchema: z.object({}),
        outputSchema: z.object({ version: z.int() }),
      },
      async () => answer({ version }),
    );
    return mcp;
  });
}

const answer = <T extends Record<string, unknown>>(structuredContent: T) => ({
  structuredContent,
  content: [{ type: "text" as const, text: JSON.stringify(structuredContent) }],
});

/** The server's file of this version: what a developer would have edited; and what tells it to an impl, beside it. */
export async function writeServerFile(file: string, server: SmallServer): Promise<void> {
  await writeFile(path.join(path.dirname(file), smallImplFile), JSON.stringify(server));
  const module = import.meta.url;
  await writeFile(
    file,
    `import { serveSmall } from ${JSON.stringify(module)};\nserveSmall(${JSON.stringify(server)});\n`,
  );
}

/**
 * The small server again, as the replaceable part of a daemon: the same two tools with the same work, and the one the
 * substrate asks for before it trusts new code. Which code it is, and where its effects go, is told in `small.json` of
 * the state folder. It knows the older era alone.
 */

import { readFileSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connectImplLink } from "@federation/daemon/testing/impl";
import { z } from "zod";
import { smallImplFile, WORK_MS } from "./small-server.ts";

const up = { state: "up", detail: "It has none." } as const;
const serverSchema = z.object({ effectsFile: z.string(), version: z.int() });
const requestSchema = z.object({ id: z.union([z.string(), z.number()]), method: z.string(), params: z.unknown() });
const callSchema = z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()).default({}) });
const echoSchema = z.object({ id: z.string(), text: z.string() });

const link = await connectImplLink();
const { effectsFile, version } = serverSchema.parse(
  JSON.parse(readFileSync(path.join(link.init.config.stateDir, smallImplFile), "utf8")),
);
let working = Promise.resolve();

link.serve({
  authenticate: async () => ({ ok: true, actor: "guest", credential: "guest" }),
  sessionOpened: () => undefined,
  sessionMessage(session, message) {
    const { data: request } = requestSchema.safeParse(message);
    if (request === undefined) return;
    const answered = resultOf(request.method, request.params).then((result) =>
      link.send(session, { jsonrpc: "2.0", id: request.id, result }),
    );
    working = Promise.all([working, answered]).then(() => undefined);
  },
  sessionClosed: () => undefined,
  activate: () => undefined,
  deactivate: async () => undefined,
  seal: async () => undefined,
  reloadEnded: () => undefined,
  drain: () => working,
  metrics: async () => "",
});
link.health({ ready: true, database: up, broker: up, model: { state: "none", detail: "It has none." } });
link.ready("small");

async function resultOf(method: string, params: unknown): Promise<Record<string, unknown>> {
  if (method === "initialize")
    return {
      protocolVersion: "2025-11-25",
      capabilities: { tools: {} },
      serverInfo: { name: "small", version: String(version) },
    };
  if (method === "tools/list")
    return { tools: ["echo", "version", "get_status"].map((name) => ({ name, inputSchema: { type: "object" } })) };
  if (method !== "tools/call") return {};
  const call = callSchema.parse(params);
  if (call.name !== "echo") return structured({ version });
  const { id, text } = echoSchema.parse(call.arguments);
  await appendFile(effectsFile, `${id}\n`);
  await sleep(WORK_MS);
  return structured({ id, text, version });
}

function structured(structuredContent: Record<string, unknown>): Record<string, unknown> {
  return { structuredContent, content: [{ type: "text", text: JSON.stringify(structuredContent) }] };
}

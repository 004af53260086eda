/** The client SDKs of the matrix: the line before the present one, and the present one in both its eras. */
import { callIdMetaKey } from "@federation/mcp";
import { Client } from "@modelcontextprotocol/client";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { ResourceUpdatedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import {
  type Answer,
  type CallChoice,
  callTimeoutMs,
  type InteropClient,
  type Place,
  type TransportName,
} from "./interop-client.ts";
import { openOldTransport, openTransport } from "./open-transport.ts";

export const kinds = ["SDK 1.32.2", "SDK 2.4.0, 2025-11-25", "SDK 2.4.0, 2026-07-28"] as const;
export type Kind = (typeof kinds)[number];

const clientInfo = { name: "interop", version: "1.0.0" };
const modern = "2026-07-28";
const timeout = { timeout: callTimeoutMs };

export function openClient(kind: Kind, transport: TransportName, place: Place): Promise<InteropClient> {
  return kind === "SDK 1.32.2" ? openOld(transport, place) : open(kind, transport, place);
}

async function open(kind: Kind, transport: TransportName, place: Place): Promise<InteropClient> {
  const mode = kind.endsWith(modern) ? { pin: modern } : ("legacy" as const);
  const client = new Client(clientInfo, { versionNegotiation: { mode } });
  const updates = createUpdates();
  let closing = false;
  let lost = false;
  client.onclose = () => {
    lost = !closing;
  };
  client.setNotificationHandler("notifications/resources/updated", ({ params }) => updates.tell(params.uri));
  await client.connect(await openTransport(transport, place), timeout);

  return {
    protocol: client.getNegotiatedProtocolVersion() ?? "none",
    tools: async () => (await client.listTools()).tools.map((it) => it.name),
    call: async (name, given, choice = {}) =>
      answerOf(await client.callTool(paramsOf(name, given, choice), optionsOf(choice))),
    resources: async () => (await client.listResources()).resources.map((it) => it.uri),
    read: async (uri) => textsOf((await client.readResource({ uri })).contents),
    prompts: async () => (await client.listPrompts()).prompts.map((it) => it.name),
    prompt: async (name) => textsOf((await client.getPrompt({ name })).messages.map((it) => it.content)),
    async subscribe(uri, updated) {
      const forget = updates.on(uri, updated);
      if (mode === "legacy") {
        await client.subscribeResource({ uri });
        return async () => {
          forget();
          await client.unsubscribeResource({ uri });
        };
      }
      const subscription = await client.listen({ resourceSubscriptions: [uri] }, timeout);
      return async () => {
        forget();
        await subscription.close();
      };
    },
    lost: () => lost,
    async close() {
      closing = true;
      await client.close();
    },
  };
}

async function openOld(transport: TransportName, place: Place): Promise<InteropClient> {
  const client = new OldClient(clientInfo);
  const updates = createUpdates();
  let closing = false;
  let lost = false;
  client.onclose = () => {
    lost = !closing;
  };
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => updates.tell(params.uri));
  const opened = await openOldTransport(transport, place);
  let protocol = "none";
  // The SDK keeps what was agreed on to itself, but tells the transport.
  const { setProtocolVersion } = opened;
  opened.setProtocolVersion = (version) => {
    protocol = version;
    setProtocolVersion?.call(opened, version);
  };
  await client.connect(opened, timeout);

  return {
    protocol,
    tools: async () => (await client.listTools()).tools.map((it) => it.name),
    call: async (name, given, choice = {}) =>
      answerOf(await client.callTool(paramsOf(name, given, choice), undefined, optionsOf(choice))),
    resources: async () => (await client.listResources()).resources.map((it) => it.uri),
    read: async (uri) => textsOf((await client.readResource({ uri })).contents),
    prompts: async () => (await client.listPrompts()).prompts.map((it) => it.name),
    prompt: async (name) => textsOf((await client.getPrompt({ name })).messages.map((it) => it.content)),
    async subscribe(uri, updated) {
      const forget = updates.on(uri, updated);
      await client.subscribeResource({ uri });
      return async () => {
        forget();
        await client.unsubscribeResource({ uri });
      };
    },
    lost: () => lost,
    async close() {
      closing = true;
      await client.close();
    },
  };
}

function createUpdates() {
  const listeners = new Map<string, (uri: string) => void>();
  return {
    on(uri: string, updated: (uri: string) => void) {
      listeners.set(uri, updated);
      return () => void listeners.delete(uri);
    },
    tell: (uri: string) => listeners.get(uri)?.(uri),
  };
}

function paramsOf(name: string, given: Readonly<Record<string, unknown>>, { callId }: CallChoice) {
  return { name, arguments: { ...given }, ...(callId === undefined ? {} : { _meta: { [callIdMetaKey]: callId } }) };
}

function optionsOf({ signal, onProgress }: CallChoice) {
  return {
    ...timeout,
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined
      ? {}
      : { onprogress: ({ progress }: { readonly progress: number }) => onProgress(progress) }),
  };
}

const textSchema = z.looseObject({ text: z.string() });
const resultSchema = z.looseObject({
  isError: z.boolean().optional(),
  structuredContent: z.unknown().optional(),
  content: z.array(z.unknown()),
});

function answerOf(result: unknown): Answer {
  const { isError = false, structuredContent, content } = resultSchema.parse(result);
  return { isError, structured: structuredContent, text: textsOf(content) };
}

function textsOf(contents: readonly unknown[]): string {
  return contents.flatMap((it) => textSchema.safeParse(it).data?.text ?? []).join("\n");
}

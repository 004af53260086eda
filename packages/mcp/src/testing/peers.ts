/** Clients of both eras for tests, two SDKs behind one face: whatever is asserted holds for each of them. */
import { Client } from "@modelcontextprotocol/client";
import { Client as OlderClient } from "@modelcontextprotocol/sdk/client/index.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { WebSocket } from "ws";
import { z } from "zod";
import { createWebSocketTransport } from "../web-socket-transport.ts";

/** `older`: the v1 SDK, which knows the 2025 era only. */
export const peerKinds = ["2026", "2025", "older"] as const;
export type PeerKind = (typeof peerKinds)[number];

export interface Told {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** What the person at the client says to a question. */
export type Person = (message: string) => { action: "accept" | "decline" | "cancel"; content?: Record<string, string> };

export interface Peer {
  readonly request: (
    method: string,
    params?: Record<string, unknown>,
    options?: { readonly signal?: AbortSignal; readonly onprogress?: (progress: unknown) => void },
  ) => Promise<Record<string, unknown>>;
  /** Wants to hear of these resources and of changed lists, in the way of its era. */
  readonly subscribe: (...uris: readonly string[]) => Promise<void>;
  readonly unsubscribe: (...uris: readonly string[]) => Promise<void>;
  readonly told: readonly Told[];
  /** Resolves with the first notification that satisfies `wanted`, past ones included. */
  readonly hears: (wanted: (told: Told) => boolean) => Promise<Told>;
  readonly close: () => Promise<void>;
}

const anything = z.looseObject({});
const info = { name: "peer", version: "0" };

export async function connectPeer(url: string, token: string, kind: PeerKind, person?: Person): Promise<Peer> {
  const socket = new WebSocket(url, ["mcp"], { headers: { authorization: `Bearer ${token}` } });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const told: Told[] = [];
  const watchers = new Set<() => void>();
  const note = async (notification: { method: string; params?: object | undefined }): Promise<void> => {
    told.push({ method: notification.method, params: { ...notification.params } });
    for (const watcher of [...watchers]) watcher();
  };
  const hears = (wanted: (told: Told) => boolean): Promise<Told> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = told.find(wanted);
        if (found === undefined) return;
        watchers.delete(look);
        resolve(found);
      };
      watchers.add(look);
      look();
    });
  const capabilities = person === undefined ? {} : { elicitation: { form: {} } };

  if (kind === "older") {
    const client = new OlderClient(info, { capabilities });
    client.fallbackNotificationHandler = note;
    if (person !== undefined) {
      client.setRequestHandler(ElicitRequestSchema, ({ params }) => person(params.message));
    }
    await client.connect(createWebSocketTransport(socket));
    return {
      request: (method, params = {}, options = {}) => client.request({ method, params }, anything, options),
      subscribe: async (...uris) => {
        for (const uri of uris) await client.subscribeResource({ uri });
      },
      unsubscribe: async (...uris) => {
        for (const uri of uris) await client.unsubscribeResource({ uri });
      },
      told,
      hears,
      close: () => client.close(),
    };
  }

  const mode = kind === "2025" ? "legacy" : { pin: "2026-07-28" };
  const client = new Client(info, { versionNegotiation: { mode }, capabilities });
  client.fallbackNotificationHandler = note;
  if (person !== undefined) client.setRequestHandler("elicitation/create", ({ params }) => person(params.message));
  await client.connect(createWebSocketTransport(socket));
  const open = new Map<string, { close(): Promise<void> }>();
  return {
    request: (method, params = {}, options = {}) => client.request({ method, params }, anything, options),
    async subscribe(...uris) {
      if (kind === "2025") for (const uri of uris) await client.subscribeResource({ uri });
      else {
        const lists = { toolsListChanged: true, resourcesListChanged: true, promptsListChanged: true };
        const listening = await client.listen({ ...lists, resourceSubscriptions: [...uris] });
        for (const uri of uris) open.set(uri, listening);
      }
    },
    async unsubscribe(...uris) {
      for (const uri of uris) await (kind === "2025" ? client.unsubscribeResource({ uri }) : open.get(uri)?.close());
    },
    told,
    hears,
    close: () => client.close(),
  };
}

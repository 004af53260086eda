/**
 * The messages of a conversation: the latest, kept fresh, and as many older ones as one asked for. A gap between them is
 * filled; where that fails, with the next answer.
 */
import type { ControlResponse } from "@federation/core";
import { useEffect, useRef, useState } from "preact/hooks";
import { useApp } from "../../app/app.ts";
import { useQuery } from "../../ui/query-view.tsx";

export type ThreadMessage = ControlResponse<"ListConversation">["messages"][number];

const pageSize = 100;
/** Past the number of every message. */
const end = 2_147_483_647;

export function useThread(conversation: string) {
  const { mesh } = useApp();
  const latest = useQuery("ListConversation", { conversation, beforeSeq: end, limit: pageSize });
  const known = useRef(new Map<number, ThreadMessage>());
  const [, draw] = useState(0);
  const [busy, setBusy] = useState(false);
  for (const message of latest.data?.messages ?? []) known.current.set(message.seq, message);
  const messages = [...known.current.values()].sort((a, b) => a.seq - b.seq);
  const first = messages[0]?.seq ?? 1;
  const hole = messages.find((message, index) => index > 0 && message.seq !== (messages[index - 1]?.seq ?? 0) + 1)?.seq;

  async function load(beforeSeq: number): Promise<void> {
    setBusy(true);
    try {
      const client = await mesh.client;
      const page = await client.call("ListConversation", { conversation, beforeSeq, limit: pageSize });
      for (const message of page.messages) known.current.set(message.seq, message);
      draw((n) => n + 1);
    } finally {
      setBusy(false);
    }
  }
  // More was said between two looks than fits in one.
  useEffect(() => {
    if (hole !== undefined) void load(hole).catch(() => {});
  }, [hole, latest.data]);

  return {
    messages,
    loading: latest.data === undefined && latest.error === undefined,
    error: latest.error,
    refresh: latest.refresh,
    hasOlder: first > 1,
    busy,
    loadOlder: () => void load(first).catch(() => {}),
  };
}

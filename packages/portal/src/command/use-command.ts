import type { ControlName } from "@federation/core";
import { useRef, useState } from "preact/hooks";
import { useApp } from "../app/app.ts";
import { type CommandEnd, giveCommand } from "./give-command.ts";

/** One command that is given by a click: whether it is under way, and what came of it last. */
export function useCommand(name: ControlName): {
  readonly busy: boolean;
  readonly end: CommandEnd | undefined;
  readonly give: (request: Readonly<Record<string, unknown>>) => Promise<CommandEnd>;
  readonly clear: () => void;
} {
  const { mesh } = useApp();
  const [busy, setBusy] = useState(false);
  const [end, setEnd] = useState<CommandEnd | undefined>(undefined);
  // A second try of the same request, after one without an answer, is the same call.
  const callId = useRef<{ readonly of: string; readonly id: string } | undefined>(undefined);

  async function give(request: Readonly<Record<string, unknown>>): Promise<CommandEnd> {
    const of = JSON.stringify(request);
    if (callId.current?.of !== of) callId.current = { of, id: crypto.randomUUID() };
    setBusy(true);
    const client = await mesh.client;
    const ended = await giveCommand(client, name, request, callId.current.id);
    const lost =
      ended.end === "failed" && (ended.error.code === "deadline_exceeded" || ended.error.code === "unavailable");
    if (!lost) callId.current = undefined;
    setBusy(false);
    setEnd(ended);
    return ended;
  }
  return { busy, end, give, clear: () => setEnd(undefined) };
}

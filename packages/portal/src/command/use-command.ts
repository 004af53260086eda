import type { ControlName } from "@federation/core";
import { useMemo, useState } from "preact/hooks";
import { useApp } from "../app/app.ts";
import { type CommandEnd, createGiver } from "./give-command.ts";

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
  const giver = useMemo(() => createGiver(name), [name]);

  async function give(request: Readonly<Record<string, unknown>>): Promise<CommandEnd> {
    setBusy(true);
    const ended = await giver.give(mesh.client, request);
    setBusy(false);
    setEnd(ended);
    return ended;
  }
  return { busy, end, give, clear: () => setEnd(undefined) };
}

import { type ControlName, toolName } from "@federation/core";
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type App, useApp } from "../app/app.ts";

/** Tool → schema of its arguments, as the node offered them last. */
const offered = signal<ReadonlyMap<string, unknown> | undefined>(undefined);
const watched = new WeakSet<App["mesh"]>();

/** The schema of a command's request as the node offers it to this actor and its token. */
export function useToolSchema(name: ControlName): { readonly schema: unknown; readonly refused: string | undefined } {
  const { mesh } = useApp();
  useEffect(() => {
    if (watched.has(mesh)) return;
    watched.add(mesh);
    const load = async (): Promise<void> => {
      const tools = await (await mesh.client).tools();
      offered.value = new Map(tools.map((tool) => [tool.name, tool.inputSchema]));
    };
    // With new logic of the node there may be other tools.
    mesh.onConnected(() => void load().catch(() => {}));
    void load().catch(() => {});
  }, [mesh]);
  const tools = offered.value;
  const schema = tools?.get(toolName(name));
  const refused =
    tools !== undefined && schema === undefined ? "Your role or your token does not allow this command." : undefined;
  return { schema, refused };
}

export function useAllowed(): (name: ControlName) => boolean {
  const tools = offered.value;
  return (name) => tools === undefined || tools.has(toolName(name));
}

/**
 * The commands and queries that the node offers to this actor and its token, with the schema of each one's request.
 *
 * 1. Asked for after each connection: with new logic of the node there may be others.
 * 2. What was offered last stays when they cannot be had.
 */
import { MeshError } from "@federation/core";
import type { ControlClient } from "@federation/mcp/client/web";
import { type ReadonlySignal, signal } from "@preact/signals";

export interface ToolsState {
  /** Tool → schema of its arguments; undefined until they were had once. */
  readonly offered: ReadonlyMap<string, unknown> | undefined;
  readonly error: MeshError | undefined;
}

export interface Tools {
  readonly state: ReadonlySignal<ToolsState>;
  load(): void;
}

type Lister = Pick<ControlClient, "tools">;

export function createTools(mesh: {
  readonly client: Promise<Lister>;
  readonly onConnected: (listener: () => void) => void;
}): Tools {
  const state = signal<ToolsState>({ offered: undefined, error: undefined });
  async function ask(): Promise<void> {
    try {
      const tools = await (await mesh.client).tools();
      state.value = { offered: new Map(tools.map((tool) => [tool.name, tool.inputSchema])), error: undefined };
    } catch (thrown) {
      state.value = { ...state.peek(), error: MeshError.from(thrown) };
    }
  }
  const load = (): void => void ask();
  mesh.onConnected(load);
  return { state, load };
}

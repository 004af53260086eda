import { MeshError } from "@federation/core";
import { expect, it, vi } from "vitest";
import { createTools } from "./tools.ts";

type Listed = readonly { readonly name: string; readonly inputSchema: Readonly<Record<string, unknown>> }[];

function meshThat(...answers: (Listed | MeshError)[]) {
  const listeners = new Set<() => void>();
  const tools = (): Promise<Listed> => {
    const answer = answers.shift() ?? [];
    return answer instanceof MeshError ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return {
    client: Promise.resolve({ tools }),
    onConnected: (listener: () => void) => void listeners.add(listener),
    connect: () => listeners.forEach((it) => void it()),
  };
}

const away = new MeshError("unavailable", "The logic is restarting.");

it("the tools are asked for when the page is connected, before anybody opens a form", async () => {
  const mesh = meshThat([{ name: "vote", inputSchema: {} }]);
  const tools = createTools(mesh);
  mesh.connect();
  await vi.waitFor(() => expect([...(tools.state.value.offered?.keys() ?? [])]).toEqual(["vote"]));
});

it("that they could not be had is known, and they can be asked for again", async () => {
  const mesh = meshThat(away, [{ name: "vote", inputSchema: {} }], away);
  const tools = createTools(mesh);
  mesh.connect();
  await vi.waitFor(() => expect(tools.state.value).toEqual({ offered: undefined, error: away }));
  tools.load();
  await vi.waitFor(() => expect(tools.state.value.error).toBeUndefined());
  tools.load();
  await vi.waitFor(() => expect(tools.state.value.error).toBe(away));
  expect(tools.state.value.offered?.has("vote")).toBe(true);
});

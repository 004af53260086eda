import { expect, it } from "vitest";
import { z } from "zod";
import { createHandFedControl, startControlEndpoint } from "../testing/index.ts";
import { connectPeer, peerKinds } from "../testing/peers.ts";

const tokens = { ann: { actor: "ann", role: "developer" } } as const;

it.each(peerKinds)("fixtures stand beside what is real, and take nothing over (client of kind %s)", async (kind) => {
  const control = createHandFedControl();
  control.on("ListRoster", () => ({ actors: [] }));
  const endpoint = await startControlEndpoint({
    control: control.service,
    tokens,
    extend(mcp, { actor }) {
      const inputSchema = z.object({ text: z.string() });
      mcp.registerTool("test_echo", { inputSchema }, ({ text }) => ({
        content: [{ type: "text", text: `${actor}: ${text}` }],
      }));
      mcp.registerTool("list_roster", {}, () => ({ content: [{ type: "text", text: "not the roster" }] }));
    },
  });
  const peer = await connectPeer(endpoint.url, "ann", kind);
  const { tools } = await peer.request("tools/list");
  const names = Array.isArray(tools) ? tools.map((tool) => tool.name) : [];
  expect(names).toContain("test_echo");
  expect(names).toContain("send_message");
  const call = (name: string, args: object) => peer.request("tools/call", { name, arguments: args });
  expect(await call("test_echo", { text: "hi" })).toMatchObject({ content: [{ text: "ann: hi" }] });
  expect(await call("list_roster", {})).toMatchObject({ structuredContent: { actors: [] } });
  expect(await call("test_other", {})).toMatchObject({ isError: true });
  await peer.close();
  await endpoint.close();
});

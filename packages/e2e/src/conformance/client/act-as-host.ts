import type { Client } from "@modelcontextprotocol/client";

/** Does what a scenario waits for: most want the tools listed and one of them called. */
export async function actAsHost(client: Client, scenario: string): Promise<void> {
  client.setRequestHandler("elicitation/create", () => ({ action: "accept", content: { confirmed: true } }));
  const { tools } = await client.listTools();
  const call = (name: string, given: Record<string, unknown> = {}) => client.callTool({ name, arguments: given });
  switch (scenario) {
    case "tools_call":
      await call("add_numbers", { a: 5, b: 3 });
      break;
    case "elicitation-sep1034-client-defaults":
      client.setRequestHandler("elicitation/create", () => ({ action: "accept", content: {} }));
      await call("test_client_elicitation_defaults");
      break;
    case "json-schema-2020-12-preservation": {
      const focal = tools.find((tool) => tool.name === "json_schema_2020_12_tool");
      await call("json_schema_echo", { schema: focal?.inputSchema });
      break;
    }
    case "sep-2322-client-request-state":
      await Promise.all([call("test_mrtr_echo_state"), call("test_mrtr_unrelated")]);
      await call("test_mrtr_no_state");
      await call("test_mrtr_no_result_type");
      break;
    case "request-metadata":
      for (const { name } of tools) await call(name);
      break;
  }
}

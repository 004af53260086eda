import { controlEntries, toolName } from "@federation/core";
import { describe, expect, it } from "vitest";
import { createToolCatalogue } from "./tools.ts";

const named = (...scopes: readonly ("read" | "act" | "manage")[]) =>
  createToolCatalogue()("commander", scopes).map((tool) => tool.name);

describe("the tools of a token", () => {
  it("are with the scope read its queries, and no command", () => {
    const queries = controlEntries.filter((entry) => entry.kind === "query" && entry.manages !== true);
    expect(named("read")).toEqual(queries.map((entry) => toolName(entry.name)));
  });

  it("are with the scope manage those that administer, and no others", () => {
    expect(named("manage")).toEqual(expect.arrayContaining(["issue_token", "list_tokens", "pause_node"]));
    expect(named("manage")).not.toContain("send_message");
    expect(named("read", "act")).not.toContain("issue_token");
  });

  it("are all of its role's with all scopes", () => {
    const all = createToolCatalogue()("commander");
    expect(named("read", "act", "manage")).toEqual(all.map((tool) => tool.name));
    expect(createToolCatalogue()("observer").map((tool) => tool.name)).not.toContain("send_message");
  });
});

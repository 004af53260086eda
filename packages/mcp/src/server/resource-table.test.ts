import { readFileSync } from "node:fs";
import { type ControlName, control, controlEntries } from "@federation/core";
import { expect, test } from "vitest";
import { promptDefinitions } from "./prompts.ts";
import { fixedResources, isKnownUri, resourceFamilies, templateOf, uriOf, withoutResource } from "./resource-table.ts";

const used = [...fixedResources, ...resourceFamilies];

test("every query of the control list is a resource, or is named with the reason why it is none", () => {
  const queries = controlEntries.filter((entry) => entry.kind === "query").map((entry) => entry.name);
  const named = [...new Set([...used.map((it) => it.query), ...Object.keys(withoutResource)])];
  expect(named.sort()).toEqual(queries.sort());
  for (const it of used) expect(Object.hasOwn(withoutResource, it.query), it.query).toBe(false);
});

test("a resource asks a query, and nothing that acts", () => {
  for (const it of used) expect(control[it.query].kind, it.name).toBe("query");
});

test("the arguments of each fit the request of its query", () => {
  const fits = (query: ControlName, request: unknown) => control[query].request.safeParse(request).success;
  for (const it of fixedResources) {
    expect(fits(it.query, it.request), it.name).toBe(true);
    if (it.parameter !== undefined) expect(fits(it.query, { ...it.request, [it.parameter]: "x" }), it.name).toBe(true);
  }
  const id = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0001";
  for (const it of resourceFamilies) expect(fits(it.query, { [it.argument]: id }), it.name).toBe(true);
});

test("no two have one name or one URI", () => {
  const uris = [...fixedResources.map((it) => it.uri), ...resourceFamilies.map((it) => templateOf(it.family))];
  expect(new Set(uris).size).toBe(uris.length);
  expect(new Set(used.map((it) => it.name)).size).toBe(used.length);
});

test("a URI that names nothing there could be is told from one that does", () => {
  expect(["charter", "events?after=1.2.3", "memory?query=a%20b"].map((it) => isKnownUri(`federation://${it}`))).toEqual(
    [true, true, true],
  );
  expect(isKnownUri(uriOf("tasks", "x"))).toBe(true);
  expect(["", "rockets", "tasks/", "rockets/x", "charter/x"].map((it) => isKnownUri(`federation://${it}`))).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
});

test("the documentation has every resource and prompt", () => {
  const text = readFileSync(new URL("../../../../docs/mcp.md", import.meta.url), "utf8");
  const uris = fixedResources.flatMap(({ uri, parameter }) => [
    uri,
    parameter === undefined ? uri : `${uri}{?${parameter}}`,
  ]);
  const families = resourceFamilies.map((it) => templateOf(it.family));
  const prompts = Object.keys(promptDefinitions);
  expect([...uris, ...families, ...prompts].filter((it) => !text.includes(`\`${it}\``))).toEqual([]);
});

/** What the manifest promises and what the code registers are the same. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { assistantProvider } from "../contributed.ts";
import { commandNames, viewNames } from "./names.ts";

const folder = path.join(import.meta.dirname, "../../extension");
const placed = z.looseObject({ command: z.string(), when: z.string().optional(), group: z.string().optional() });
const { contributes, main, activationEvents } = z
  .looseObject({
    main: z.string(),
    activationEvents: z.array(z.string()),
    contributes: z.looseObject({
      commands: z.array(
        z.looseObject({
          command: z.string(),
          category: z.string(),
          title: z.string(),
          enablement: z.string().optional(),
        }),
      ),
      menus: z.record(z.string(), z.array(placed)),
      views: z.looseObject({ federation: z.array(z.looseObject({ id: z.string() })) }),
      viewsWelcome: z.array(z.looseObject({ contents: z.string() })),
      mcpServerDefinitionProviders: z.array(z.looseObject({ id: z.string() })),
      walkthroughs: z.array(
        z.looseObject({
          steps: z.array(z.looseObject({ description: z.string(), media: z.looseObject({ markdown: z.string() }) })),
        }),
      ),
    }),
  })
  .parse(JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")));
const ids = contributes.commands.map((it) => it.command);

describe("the manifest", () => {
  test("has every command of the code, once, and no other", () => {
    expect(ids.toSorted()).toEqual(commandNames.map((it) => `federation.${it}`).toSorted());
  });

  test("has every view and the provider of MCP servers", () => {
    expect(contributes.views.federation.map((it) => it.id)).toEqual(viewNames.map((it) => `federation.${it}`));
    expect(contributes.mcpServerDefinitionProviders.map((it) => it.id)).toEqual([assistantProvider]);
  });

  test("places only commands that there are", () => {
    for (const entries of Object.values(contributes.menus)) for (const it of entries) expect(ids).toContain(it.command);
  });

  test("says of every command when the palette offers it, but of those that always make sense", () => {
    const said = new Set((contributes.menus["commandPalette"] ?? []).map((it) => it.command));
    const always = ids.filter((it) => !said.has(it));
    expect(always).toEqual(["federation.connect", "federation.showLog", "federation.getStarted"]);
  });

  test("offers what writes only to who may", () => {
    const writes = ["voteYes", "approve", "takeOverTask", "acceptResult", "startMission", "submitTask"];
    for (const entry of Object.values(contributes.menus).flat())
      if (writes.some((it) => entry.command === `federation.${it}`) && entry.when !== "false")
        expect(entry.when).toContain("federation.mayAct");
  });

  test("has in the menu of a line whatever it has on the line: a keyboard reaches the menu alone", () => {
    const entries = contributes.menus["view/item/context"] ?? [];
    const places = (inline: boolean) =>
      entries.filter((it) => it.group?.startsWith("inline") === inline).map((it) => `${it.command} ${it.when}`);
    expect(places(false)).toEqual(expect.arrayContaining(places(true)));
  });

  test("offers to disconnect also when the node lets nobody in: otherwise each new window would try again", () => {
    const whens = Object.values(contributes.menus)
      .flat()
      .filter((it) => it.command === "federation.disconnect")
      .map((it) => it.when);
    expect(whens).toHaveLength(2);
    whens.push(contributes.commands.find((it) => it.command === "federation.disconnect")?.enablement);
    for (const when of whens) expect(when).toMatch(/\bfederation\.kept$/);
  });

  test("names commands and pictures in its texts that there are", () => {
    const steps = contributes.walkthroughs.flatMap((it) => it.steps);
    for (const { media } of steps) expect(existsSync(path.join(folder, media.markdown))).toBe(true);
    const texts = [...contributes.viewsWelcome.map((it) => it.contents), ...steps.map((it) => it.description)];
    const linked = texts.flatMap((it) => [...it.matchAll(/command:(federation\.\w+)/g)].map(([, name]) => name));
    expect(linked.length).toBeGreaterThan(5);
    for (const name of linked) expect(ids).toContain(name);
  });

  test("starts the extension when the editor has started, and never before", () => {
    expect(activationEvents).toEqual(["onStartupFinished"]);
    expect(main).toBe("./host/main.cjs");
  });
});

import { controlEntries } from "@federation/core";
import { describe, expect, it } from "vitest";
import { createCliFolder } from "./testing/cli-run.ts";
import { ways, withoutWay } from "./ways.ts";

describe("the ways of the command line", () => {
  it("lead to every entry of the control list, but for those that are named with the reason", () => {
    const reached = new Set<string>(ways.map((way) => way.control));
    const missing = controlEntries.map((entry) => entry.name).filter((name) => !reached.has(name));
    expect(missing).toEqual(Object.keys(withoutWay));
  });

  it("are each under a name of their own, in words that need no shift key", () => {
    const paths = ways.map((way) => way.path.join(" "));
    expect(new Set(paths).size).toBe(paths.length);
    for (const path of paths) expect(path).toMatch(/^[a-z]+(-[a-z]+)*( [a-z]+(-[a-z]+)*)?$/);
  });

  it.each(ways.map((way) => [way.path.join(" "), way] as const))(
    "include %s, whose help says what it does",
    async (_, way) => {
      const folder = await createCliFolder("ws://127.0.0.1:1/mcp");
      try {
        const { code, out } = await folder.run([...way.path, "--help"]);
        expect(code).toBe(0);
        expect(out.replace(/\s+/g, " ")).toContain(way.doc);
        for (const param of way.params) expect(out).toContain(param);
        for (const [flags] of way.options) expect(out).toContain(flags);
      } finally {
        await folder.remove();
      }
    },
  );
});

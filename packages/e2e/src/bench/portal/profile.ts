/** Where a page spends its time: the profile of its engine, told in the words of its sources. */
import { SourceMap } from "node:module";
import path from "node:path";
import type { CDPSession } from "playwright-core";
import { builtFiles, withBuiltPage } from "../../portal/testing/built-page.ts";

export interface ProfileLine {
  readonly share: number;
  readonly ms: number;
  readonly what: string;
}

const lines = 25;

/** The page's main thread while `work` goes on: the functions that took most of it themselves. */
export async function profile(cdp: CDPSession, work: () => Promise<unknown>): Promise<readonly ProfileLine[]> {
  await cdp.send("Profiler.enable");
  await cdp.send("Profiler.setSamplingInterval", { interval: 500 });
  await cdp.send("Profiler.start");
  await work();
  const { profile: taken } = await cdp.send("Profiler.stop");
  const nameOf = await namesOfBuild();
  const byNode = new Map<number, number>();
  (taken.samples ?? []).forEach((node, index) => {
    byNode.set(node, (byNode.get(node) ?? 0) + (taken.timeDeltas?.[index] ?? 0));
  });
  const byName = new Map<string, number>();
  for (const { id, callFrame } of taken.nodes) {
    const name = callFrame.url === "" ? callFrame.functionName : nameOf(callFrame);
    byName.set(name, (byName.get(name) ?? 0) + (byNode.get(id) ?? 0));
  }
  const totalUs = taken.endTime - taken.startTime;
  return [...byName]
    .sort((a, b) => b[1] - a[1])
    .slice(0, lines)
    .map(([what, us]) => ({ share: us / totalUs, ms: us / 1_000, what }));
}

interface Frame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** Builds the page once more, with what leads from it back to its sources: the code is the same. */
async function namesOfBuild(): Promise<(frame: Frame) => string> {
  const map = await withBuiltPage(["--sourcemap", "hidden"], (folder) => {
    const found = builtFiles(folder).find(({ name }) => name.endsWith(".js.map"));
    return new SourceMap(JSON.parse(found?.content.toString() ?? ""));
  });
  return ({ functionName, url, lineNumber, columnNumber }) => {
    const entry: { readonly originalSource?: string; readonly originalLine?: number; readonly name?: string } =
      url.endsWith(".js") ? map.findEntry(lineNumber, columnNumber) : {};
    if (entry.originalSource === undefined) return `${functionName} ${path.posix.basename(url)}`.trim();
    const source = entry.originalSource.replace(/^.*\/(?=packages\/|node_modules\/(?!\.pnpm))/, "");
    return `${entry.name ?? functionName} ${source}:${(entry.originalLine ?? 0) + 1}`;
  };
}

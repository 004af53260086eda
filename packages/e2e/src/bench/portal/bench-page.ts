/** The portal's page in a browser of its own profile, with a probe in it. */
import type { Browser, CDPSession } from "playwright-core";
import { openPortal, type Portal } from "../../portal/testing/portal.ts";
import type { BenchMesh } from "./bench-mesh.ts";
import { type Awaited, installProbe, type Probe, type Taken } from "./probe.ts";

export interface BenchPage {
  readonly portal: Portal;
  readonly cdp: CDPSession;
  begin(options: Parameters<Probe["begin"]>[0]): Promise<void>;
  take(): Promise<Taken>;
  await(awaited: Awaited): Promise<void>;
  awaitedMs(): Promise<number | undefined>;
  /** Events told since the page was opened, as it says itself: in the timeline. */
  told(): Promise<number>;
  /** JavaScript's heap, after all garbage was collected or as it is. */
  heapBytes(collected: boolean): Promise<number>;
  close(): Promise<void>;
}

declare const portalProbe: Probe;

export interface BenchPageOptions {
  /** What is awaited from the navigation on. */
  readonly first?: Awaited;
  /** Higher than a screen, where all of a long room is to be in view. */
  readonly height?: number;
}

export async function openBenchPage(
  browser: Browser,
  mesh: BenchMesh,
  options: BenchPageOptions = {},
): Promise<BenchPage> {
  const { first, height = 900 } = options;
  const portal = await openPortal({
    browser,
    viewport: { width: 1440, height },
    client: mesh.client,
    port: mesh.node.port,
    prepare: async (page) => {
      await page.addInitScript(installProbe, first);
      const session = await page.context().newCDPSession(page);
      await session.send("Network.enable");
      await session.send("Network.setCacheDisabled", { cacheDisabled: true });
    },
  });
  const { page } = portal;
  const cdp = await portal.context.newCDPSession(page);
  return {
    portal,
    cdp,
    begin: (options) => page.evaluate((it) => portalProbe.begin(it), options),
    take: () => page.evaluate(() => portalProbe.take()),
    await: (awaited) => page.evaluate((it) => portalProbe.await(it), awaited),
    awaitedMs: () => page.evaluate(() => portalProbe.awaitedMs()),
    async told() {
      const words = await page.getByText("since this page was opened").textContent();
      return Number(/([\d,]+) since/.exec(words ?? "")?.[1]?.replaceAll(",", "") ?? Number.NaN);
    },
    async heapBytes(collected) {
      if (collected) await cdp.send("HeapProfiler.collectGarbage");
      return (await cdp.send("Runtime.getHeapUsage")).usedSize;
    },
    close: () => portal.close(),
  };
}

/**
 * The portal in a browser, at the commander's node of a real mesh, over a network that can be cut.
 *
 * 1. What the page reports as wrong, and every request that leaves its node, is collected; a test ends with none of it.
 * 2. Screenshots of the steps are kept as build output, in order.
 */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { ControlClient } from "@federation/mcp/client";
import { startTcpProxy, type TcpProxy } from "@federation/testkit/tcp-proxy";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { makeTicket } from "./ticket.ts";

const output = path.join(import.meta.dirname, "../../../output/portal");

export interface Portal {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly origin: string;
  /** What should not be: errors in the console, exceptions, requests to elsewhere. */
  readonly faults: readonly string[];
  /** Keeps a picture of this step. */
  shot(step: string): Promise<void>;
  /** Goes to a room, by its address. */
  go(hash: string): Promise<void>;
  close(): Promise<void>;
}

export interface PortalOptions {
  readonly browser: Browser;
  readonly client: ControlClient;
  /** Of the node, or of what stands before it. */
  readonly port: number;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly dark?: boolean;
  readonly reducedMotion?: boolean;
  /** Messages of the console that a test brings about itself. */
  readonly expected?: RegExp;
  /** What is done with the page before it is opened. */
  readonly prepare?: (page: Page) => Promise<void>;
}

let pictures = 0;

/** Opens the portal with a ticket, as `federation portal` does. */
export async function openPortal(options: PortalOptions): Promise<Portal> {
  const { browser, client, port, viewport = { width: 1440, height: 900 }, expected = /^$/ } = options;
  const origin = `http://127.0.0.1:${port}`;
  const context = await browser.newContext({
    viewport: { ...viewport },
    colorScheme: options.dark === true ? "dark" : "light",
    reducedMotion: options.reducedMotion === true ? "reduce" : "no-preference",
  });
  const page = await context.newPage();
  // Shorter than a test may take, so that what is missing is named.
  page.setDefaultTimeout(20_000);
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`exception: ${error.stack ?? error.message}`));
  page.on("console", (message) => {
    const wrong = message.type() === "error" || message.type() === "warning";
    if (wrong && !expected.test(message.text())) faults.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== "data:" && host !== `127.0.0.1:${port}`) faults.push(`request: ${request.url()}`);
  });
  await options.prepare?.(page);
  const ticket = await makeTicket(client, origin);
  await page.goto(`${origin}/portal/#ticket=${ticket}`);
  await page.locator(".connection.good").waitFor({ state: "attached" });
  return {
    page,
    context,
    origin,
    faults,
    async shot(step) {
      await mkdir(output, { recursive: true });
      pictures += 1;
      const name = `${String(pictures).padStart(2, "0")}-${step.replaceAll(/[^a-z0-9]+/gi, "-").toLowerCase()}`;
      await page.screenshot({ path: path.join(output, `${name}.png`) });
    },
    async go(hash) {
      await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
    },
    close: () => context.close(),
  };
}

/** A network between the browser and the node. */
export async function cuttable(client: ControlClient, nodePort: number): Promise<TcpProxy> {
  // Asked once, so that the node is there before anything goes through.
  await client.call("GetStatus", {});
  return await startTcpProxy({ targetPort: nodePort });
}

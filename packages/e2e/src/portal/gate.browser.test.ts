/** Who is not let in: replayed tickets, other origins, frames, pages of strangers on the same machine. */
import { readdir, readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import type { ControlClient } from "@federation/mcp/client";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser, noBrowser } from "./testing/browser.ts";
import { type PortalMesh, startPortalMesh } from "./testing/mesh.ts";
import { openPortal } from "./testing/portal.ts";
import { makeTicket } from "./testing/ticket.ts";

describe.skipIf(noBrowser)("the gate of the portal", () => {
  let mesh: PortalMesh;
  let browser: Browser;
  let client: ControlClient;
  let origin: string;
  let port: number;
  let stranger: Server;
  let strangerOrigin: string;
  /** What the stranger's server was asked for. */
  const asked: string[] = [];

  beforeAll(async () => {
    [mesh, browser] = await Promise.all([startPortalMesh(), launchBrowser()]);
    client = mesh.client;
    port = await mesh.port();
    origin = `http://127.0.0.1:${port}`;
    // A page of somebody else on this machine, which frames the portal and asks the node from its own script.
    stranger = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.setHeader("content-type", "text/html");
      response.end(`<!doctype html><title>stranger</title><iframe src="${origin}/portal/"></iframe>`);
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => stranger.once("listening", resolve));
    // Node's own type for the address of a TCP server.
    strangerOrigin = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    stranger?.close();
    await mesh?.stop();
  });

  /** How a socket to the node ends that a page opens. */
  const socketOutcome = (protocols: readonly string[]) => `new Promise((resolve) => {
    const socket = new WebSocket("ws://127.0.0.1:${port}/mcp", ${JSON.stringify(protocols)});
    let opened = false;
    socket.onopen = () => { opened = true; };
    socket.onclose = ({ code }) => resolve({ opened, code });
    setTimeout(() => resolve({ opened, code: 0 }), 3000);
  })`;
  const offered = (kind: "ticket" | "resume", secret: string) =>
    `fed.${kind}.${Buffer.from(secret).toString("base64url")}`;

  test("a page of another origin opens no socket, with a ticket that is good or without one, and reads nothing", async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(strangerOrigin);
    const ticket = await makeTicket(client, origin);
    expect(await page.evaluate(socketOutcome(["mcp", offered("ticket", ticket)]))).toEqual({
      opened: false,
      code: 1006,
    });
    expect(await page.evaluate(socketOutcome(["mcp"]))).toEqual({ opened: false, code: 1006 });
    const read = `fetch("${origin}/portal/").then(() => "read", () => "refused")`;
    expect(await page.evaluate(read)).toBe("refused");
    // It was not used up by who may not use it.
    await page.goto(`${origin}/portal/#ticket=${ticket}`);
    await page.locator(".connection.good").waitFor();
    await page.context().close();
  });

  test("a page that frames the portal shows an empty frame", async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(strangerOrigin);
    const frame = page.frames().find((it) => it !== page.mainFrame());
    expect(frame?.url()).not.toContain("/portal/");
    await page.context().close();
  });

  test("a page of this origin without a secret opens no session: there is no cookie to steal a ride on", async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${origin}/portal/`);
    await page.getByText("This page is not let in").waitFor();
    expect(await page.evaluate(socketOutcome(["mcp"]))).toEqual({ opened: false, code: 1006 });
    expect(await page.evaluate(socketOutcome(["mcp", offered("resume", "a".repeat(43))]))).toEqual({
      opened: true,
      code: 4410,
    });
    await page.context().close();
  });

  test("a new link that is pasted into a page that is not let in lets it in, and does not stay in the address", async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${origin}/portal/`);
    await page.getByText("This page is not let in").waitFor();
    const ticket = await makeTicket(client, origin);
    // As a browser goes there from the address bar: only what stands behind # is another.
    await page.goto(`${origin}/portal/#ticket=${ticket}&go=${encodeURIComponent("/charter")}`);
    await page.locator(".connection.good").waitFor();
    await page.getByRole("heading", { name: "Charter", exact: true }).waitFor();
    expect(page.url()).toBe(`${origin}/portal/#/charter`);
    await page.goBack();
    expect(page.url()).not.toContain("ticket");
    await page.context().close();
  });

  test("a secret that was copied out of a tab ends both: the page that has gone on, and the copy", async () => {
    const portal = await openPortal({ browser, client, port, expected: /WebSocket|ERR_/ });
    const stolen = await portal.page.evaluate("JSON.parse(sessionStorage.getItem('federation.page')).current");
    // The page goes on: it comes back twice, and each time by another secret.
    for (let n = 0; n < 2; n++) {
      await portal.page.reload();
      await portal.page.locator(".connection.good").waitFor();
    }
    const thief = await (await browser.newContext()).newPage();
    await thief.goto(`${origin}/portal/`);
    expect(await thief.evaluate(socketOutcome(["mcp", offered("resume", String(stolen))]))).toEqual({
      opened: true,
      code: 4410,
    });
    await portal.page.getByText("This page is not let in").waitFor({ timeout: 20_000 });
    await thief.context().close();
    await portal.close();
  });

  test("a tab that is duplicated begins anew, and the first one goes on", async () => {
    const portal = await openPortal({ browser, client, port });
    const copied = String(await portal.page.evaluate("JSON.stringify(sessionStorage)"));
    const twin = await portal.context.newPage();
    await twin.addInitScript(
      `if (sessionStorage.length === 0) for (const [k, v] of Object.entries(${copied})) sessionStorage.setItem(k, v);`,
    );
    await twin.goto(`${origin}/portal/`);
    await twin.getByText("This page is not let in").waitFor();
    await portal.go("#/charter");
    await portal.page.getByRole("heading", { name: "Charter" }).waitFor();
    await portal.page.reload();
    await portal.page.locator(".connection.good").waitFor();
    expect(portal.faults).toEqual([]);
    await portal.close();
  });

  test("the page may run its own code alone, fetch from its own node alone, and send forms nowhere", async () => {
    const answer = await fetch(`${origin}/portal/`);
    const policy = answer.headers.get("content-security-policy") ?? "";
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
      "form-action 'none'",
      "base-uri 'none'",
      "require-trusted-types-for 'script'",
    ])
      expect(policy).toContain(rule);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    const portal = await openPortal({
      browser,
      client,
      port,
      expected: /Content Security Policy|violates|Refused|blocked/,
    });
    const tried = `(async () => {
      const results = [];
      const attempt = async (name, work) => { try { await work(); results.push(name + " done"); } catch { results.push(name + " refused"); } };
      await attempt("eval", () => new Promise((ok, no) => { globalThis.ran = ok; setTimeout("ran()", 0); setTimeout(no, 300); }));
      await attempt("fetch elsewhere", () => fetch("http://127.0.0.1:${new URL(strangerOrigin).port}/"));
      await attempt("innerHTML", () => { document.body.innerHTML = "<img src=x>"; });
      const send = (action) => new Promise((ok, no) => {
        document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => { if (effectiveDirective === "form-action") no(); });
        addEventListener("pagehide", ok);
        const it = document.createElement("form");
        it.method = "post";
        it.action = action;
        document.body.append(it);
        it.submit();
      });
      await attempt("form elsewhere", () => send("${strangerOrigin}/form"));
      await attempt("form to its node", () => send("/portal/"));
      await attempt("script", () => new Promise((ok, no) => { const it = document.createElement("script"); it.onload = ok; it.onerror = no; it.src = "${strangerOrigin}/x.js"; document.head.append(it); }));
      return results;
    })()`;
    expect(await portal.page.evaluate(tried)).toEqual([
      "eval refused",
      "fetch elsewhere refused",
      "innerHTML refused",
      "form elsewhere refused",
      "form to its node refused",
      "script refused",
    ]);
    expect(asked.filter((it) => it !== "GET /" && it !== "GET /favicon.ico")).toEqual([]);
    await portal.close();
  });

  test("no secret is in a log, an address or local storage", async () => {
    const portal = await openPortal({ browser, client, port });
    const kept = async () =>
      String(await portal.page.evaluate("JSON.parse(sessionStorage.getItem('federation.page')).current"));
    const current = await kept();
    expect(current).toMatch(/^[\w-]{43}$/);
    await portal.page.reload();
    await portal.page.locator(".connection.good").waitFor();
    await expect.poll(kept).not.toBe(current);
    const renewed = await kept();
    const secrets = [current, renewed].flatMap((it) => [it, Buffer.from(it).toString("base64url")]);
    const holds = (text: string) =>
      secrets.some((it) => text.includes(it)) || /fed\.(ticket|resume)\.|ticket=/.test(text);
    // What is looked for would be found where it is.
    expect(holds(String(await portal.page.evaluate("JSON.stringify({ ...sessionStorage })")))).toBe(true);
    expect(holds(String(await portal.page.evaluate("JSON.stringify({ ...localStorage })")))).toBe(false);
    expect(holds(`${portal.page.url()} ${await portal.page.evaluate("document.cookie")}`)).toBe(false);
    const logs = path.join(mesh.dev.stateDir, "logs");
    const files = await readdir(logs);
    const texts = await Promise.all(files.map((file) => readFile(path.join(logs, file), "utf8")));
    // The log of the node that let the page in is among them.
    expect(texts.some((text) => text.includes("A session was opened."))).toBe(true);
    expect(files.filter((_, at) => holds(texts[at] ?? ""))).toEqual([]);
    await portal.close();
  });
});

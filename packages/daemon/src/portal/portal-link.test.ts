import { createHash } from "node:crypto";
import { MeshError } from "@federation/core";
import { type ControlClient, connectControl } from "@federation/mcp/client";
import { createHandFedControl, startControlEndpoint } from "@federation/mcp/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkPageOrigin, makePortalLink, originOfNode } from "./portal-link.ts";

const origin = "https://portal.example";
let control = createHandFedControl();
let endpoint: Awaited<ReturnType<typeof startControlEndpoint>>;
let client: ControlClient;
beforeEach(async () => {
  control = createHandFedControl();
  control.on("IssueTicket", () => ({ expiresAt: "2026-01-02T03:09:05.000Z" }));
  const tokens = { good: { actor: "commander", role: "commander" } } as const;
  endpoint = await startControlEndpoint({ control: control.service, tokens });
  client = await connectControl({ url: endpoint.url, token: "good" });
});
afterEach(async () => {
  await client.close();
  await endpoint.close();
});

describe("a link to the portal", () => {
  it("has its ticket behind # alone, which no browser sends anywhere", async () => {
    const { link, page } = await makePortalLink(client, { origin, lastsMs: 300_000 });
    const url = new URL(link);
    expect(url.hash).toMatch(/^#ticket=[A-Za-z0-9_-]{43}$/);
    expect(`${url.origin}${url.pathname}${url.search}`).toBe(`${origin}/portal/`);
    expect(page).toBe(`${origin}/portal/`);
  });

  it("is good at its own origin for the time it was made for, and the node is told the hash alone", async () => {
    const { link, expiresAt } = await makePortalLink(client, { origin, lastsMs: 300_000 });
    const ticket = new URL(link).hash.slice("#ticket=".length);
    const sha256 = createHash("sha256").update(ticket).digest("hex");
    expect(control.calls.map(({ request }) => request)).toEqual([{ sha256, origin, lastsMs: 300_000 }]);
    expect(JSON.stringify(control.calls)).not.toContain(ticket);
    expect(expiresAt).toBe("2026-01-02T03:09:05.000Z");
  });

  it("holds another ticket each time", async () => {
    const links = await Promise.all(
      Array.from({ length: 20 }, () => makePortalLink(client, { origin, lastsMs: 300_000 })),
    );
    expect(new Set(links.map(({ link }) => link)).size).toBe(20);
  });

  it("is refused with the node's own sentence, beyond the minutes of a ticket too", async () => {
    for (const lastsMs of [9_999, 900_001])
      await expect(makePortalLink(client, { origin, lastsMs })).rejects.toMatchObject({ code: "invalid_input" });
    control.on("IssueTicket", () => {
      throw new MeshError("forbidden", "This token may not manage.");
    });
    await expect(makePortalLink(client, { origin, lastsMs: 300_000 })).rejects.toMatchObject({
      message: "This token may not manage.",
    });
  });
});

describe("the origin of a node's page", () => {
  it.each([
    ["ws://127.0.0.1:7400/mcp", "http://127.0.0.1:7400"],
    ["ws://[::1]:7400/mcp", "http://[::1]:7400"],
    ["ws://localhost/mcp", "http://localhost"],
    ["wss://node.example/mcp", "https://node.example"],
    ["wss://node.example:8443/deep/mcp?x#y", "https://node.example:8443"],
  ])("of %s is %s", (url, expected) => {
    expect(originOfNode(url)).toBe(expected);
  });

  it.each(["", "nonsense", "http://127.0.0.1:7400/mcp", "127.0.0.1:7400"])("cannot be told of %j", (url) => {
    expect(() => originOfNode(url)).toThrow(expect.objectContaining({ code: "config_invalid" }));
  });

  it.each([
    ["https://portal.example", "https://portal.example"],
    ["https://portal.example/", "https://portal.example"],
    ["HTTPS://Portal.Example:443", "https://portal.example"],
    ["http://127.0.0.9:80", "http://127.0.0.9"],
    ["http://[::1]:7400", "http://[::1]:7400"],
    ["http://localhost:7400", "http://localhost:7400"],
  ])("is written as browsers write it: %s as %s", (given, expected) => {
    expect(checkPageOrigin(given)).toBe(expected);
  });

  it("is none in plain text on another machine: what lets the page in could be read on the way", () => {
    for (const given of ["http://portal.example", "http://192.0.2.7:7400", "http://localhost.example"])
      expect(() => checkPageOrigin(given)).toThrow(/use https:\/\//);
  });
});

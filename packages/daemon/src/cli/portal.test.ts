import { createHash } from "node:crypto";
import { createHandFedControl, startControlEndpoint } from "@federation/mcp/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CliRunOptions, createCliFolder, token } from "./testing/cli-run.ts";

/** How long a condition is waited for on a busy machine. */
const patience = { timeout: 10_000 };

const tokens = { [token]: { actor: "commander", role: "commander" } } as const;
const expiresAt = "2026-01-02T03:09:05.000Z";

let control = createHandFedControl();
let endpoint: Awaited<ReturnType<typeof startControlEndpoint>>;
let folder: Awaited<ReturnType<typeof createCliFolder>>;
/** What the node answers at /portal/; undefined: nothing, ever. */
let page: number | undefined;
/** Where that answer leads on to. */
let location: string | undefined;
let asked: { readonly url: string | undefined; readonly origin: string | undefined }[];

beforeEach(async () => {
  page = 200;
  location = undefined;
  asked = [];
  control = createHandFedControl();
  control.on("IssueTicket", () => ({ expiresAt }));
  endpoint = await startControlEndpoint({
    control: control.service,
    tokens,
    serve: ({ url, headers }, response) => {
      asked.push({ url, origin: headers.origin });
      if (page !== undefined)
        response.writeHead(page, location === undefined ? {} : { location }).end("<!doctype html>");
    },
  });
  folder = await createCliFolder(endpoint.url);
});
afterEach(async () => {
  await endpoint.close();
  await folder.remove();
});

const origin = () => `http://127.0.0.1:${endpoint.port}`;

/** A person at a screen, and what their browser was given. */
function atScreen(options: CliRunOptions = {}) {
  const opened: string[] = [];
  const openLink = async (link: string): Promise<void> => void opened.push(link);
  return { opened, options: { openLink, ...options, environment: { hasScreen: true, ...options.environment } } };
}

describe("federation portal", () => {
  it("prints a link to one's own node that alone knows its ticket, and says what it is worth", async () => {
    const { code, out, err } = await folder.run(["portal", "--no-open"]);
    expect(code).toBe(0);
    const link = out.trim();
    expect(link).toMatch(new RegExp(`^${origin()}/portal/#ticket=[A-Za-z0-9_-]{43}$`));
    expect(err).toBe("It opens the portal once, within 5 minutes; who has it is let in as you.\n");
    const secret = link.split("=").at(-1) ?? "";
    expect(control.calls.map(({ name, request }) => [name, request])).toEqual([
      [
        "IssueTicket",
        { sha256: createHash("sha256").update(secret).digest("hex"), origin: origin(), lastsMs: 300_000 },
      ],
    ]);
    // The page was looked at before, as a browser will ask for it, and without anything secret.
    expect(asked).toEqual([{ url: "/portal/", origin: origin() }]);
  });

  it("makes another ticket each time, even under one call id: a repeat would be a link that lets nobody in", async () => {
    const run = async () => (await folder.run(["portal", "--no-open", "--call-id", "same"])).out;
    expect(await run()).not.toBe(await run());
    const [first, second] = control.calls.map(({ caller }) => caller.callId);
    expect(first).not.toBe("same");
    expect(second).not.toBe(first);
  });

  it("says as JSON the link, the page for a tab that was let in before, and the end, and opens nothing", async () => {
    const { opened, options } = atScreen();
    const { code, out } = await folder.run(["portal", "--json"], options);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      link: expect.stringContaining("/portal/#ticket="),
      page: `${origin()}/portal/`,
      expiresAt,
    });
    expect(opened).toEqual([]);
  });

  it("opens the link that it prints, where there is a screen", async () => {
    const { opened, options } = atScreen();
    const { code, out } = await folder.run(["portal"], options);
    expect({ code, opened }).toEqual({ code: 0, opened: [out.trim()] });
  });

  it("opens nothing with --no-open, and says nothing of screens", async () => {
    const { opened, options } = atScreen();
    expect((await folder.run(["portal", "--no-open"], options)).err).not.toContain("screen");
    expect((await folder.run(["portal", "--no-open"])).err).not.toContain("screen");
    expect(opened).toEqual([]);
  });

  it("says so where there is no screen, and the link is good all the same", async () => {
    const { code, out, err } = await folder.run(["portal"]);
    expect(code).toBe(0);
    expect(out).toContain("#ticket=");
    expect(err).toContain(`There is no screen here: open the link in a browser that reaches ${origin()}.\n`);
  });

  it("says so when no browser can be started, and the link is good all the same", async () => {
    const { options } = atScreen({ openLink: () => Promise.reject(new Error("spawn xdg-open ENOENT")) });
    const { code, out, err } = await folder.run(["portal"], options);
    expect(code).toBe(0);
    expect(out).toContain("#ticket=");
    expect(err).toContain("ENOENT");
  });

  it.each([
    ["1", 60_000, "within a minute"],
    ["15", 900_000, "within 15 minutes"],
  ])("makes a link that lasts --minutes %s", async (minutes, lastsMs, says) => {
    const { code, err } = await folder.run(["portal", "--no-open", "--minutes", minutes]);
    expect(code).toBe(0);
    expect(err).toContain(says);
    expect(control.calls[0]?.request).toMatchObject({ lastsMs });
  });

  it.each(["0", "16", "-1", "1.5", "many", "1e1"])("refuses --minutes %s, and makes no ticket", async (minutes) => {
    const { code, out, err } = await folder.run(["portal", "--no-open", "--minutes", minutes]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^federation: --minutes /);
    expect(err).toContain(minutes);
    expect([control.calls, asked]).toEqual([[], []]);
  });

  it("is for the address in front of the node that --origin names, written as browsers write it", async () => {
    for (const given of [`HTTP://LOCALHOST:${endpoint.port}`, `http://localhost:${endpoint.port}/`]) {
      const { code, out } = await folder.run(["portal", "--no-open", "--origin", given]);
      expect({ code, out }).toEqual({
        code: 0,
        out: expect.stringContaining(`http://localhost:${endpoint.port}/portal/#`),
      });
    }
    for (const { request } of control.calls)
      expect(request).toMatchObject({ origin: `http://localhost:${endpoint.port}` });
  });

  it.each([
    ["nonsense", /is no origin of a page.*https:\/\/portal\.example/],
    ["portal.example", /is no origin/],
    ["ftp://portal.example", /is no origin/],
    ["https://portal.example/portal/", /is no origin/],
    ["https://portal.example/#x", /is no origin/],
    ["https://portal.example?x", /is no origin/],
    ["https://me:secret@portal.example", /is no origin/],
    ["http://portal.example", /use https:\/\//],
    ["http://192.0.2.7:7400", /use https:\/\//],
  ])("refuses --origin %s as a wrong input", async (given, says) => {
    const { code, out, err } = await folder.run(["portal", "--no-open", "--origin", given]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(says);
    expect(control.calls).toEqual([]);
  });

  it.each(["nonsense", "http://127.0.0.1:1", "ws://192.0.2.7:7400/mcp"])(
    "refuses --url %s as a wrong input",
    async (url) => {
      const { code, out, err } = await folder.run(["portal", "--no-open", "--url", url]);
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(err).toMatch(/^federation: .*(looks like ws:|use https:)/);
    },
  );

  it.each([
    [404, "serves no portal; set listen.portal to true"],
    [503, "is not built there; run: npx -y pnpm@12 build:portal"],
    [403, "add it to listen.allowedOrigins in its node.yaml, and its host to listen.allowedHosts"],
    [502, "/portal/ answers with HTTP status 502."],
  ])("makes no ticket for a page that answers %s, and says what to do", async (status, says) => {
    page = status;
    const { code, out, err } = await folder.run(["portal"]);
    expect({ code, out }).toEqual({ code: 3, out: "" });
    expect(err).toContain(says);
    expect(control.calls).toEqual([]);
  });

  it("makes no ticket for an address that leads on to another, and says which", async () => {
    page = 302;
    location = "https://portal.example/portal/";
    const { code, out, err } = await folder.run(["portal"]);
    expect({ code, out }).toEqual({ code: 3, out: "" });
    expect(err).toContain("/portal/ leads on to https://portal.example/portal/");
    expect(err).toContain("--origin");
    expect(control.calls).toEqual([]);
  });

  it("is 3 when no node answers, or not in time, and ends at once when it is interrupted", async () => {
    page = undefined;
    expect(await folder.run(["portal", "--timeout", "0.05"])).toMatchObject({
      code: 3,
      out: "",
      err: expect.stringContaining(`No page answers at ${origin()} (The operation was aborted due to timeout)`),
    });
    const stop = new AbortController();
    const running = folder.run(["portal"], { interrupted: stop.signal });
    await expect.poll(() => asked.length, patience).toBe(2);
    stop.abort();
    expect(await running).toEqual({ code: 130, out: "", err: "" });
    await endpoint.close();
    expect(await folder.run(["portal"])).toMatchObject({
      code: 3,
      out: "",
      err: expect.stringContaining(`(connect ECONNREFUSED 127.0.0.1:${endpoint.port}); is the node running?`),
    });
    endpoint = await startControlEndpoint({ control: control.service, tokens });
  });

  it("is 4 with a token that opens no session", async () => {
    const { code, out } = await folder.run(["portal", "--token-file", "/no/such/file"]);
    expect({ code, out }).toEqual({ code: 4, out: "" });
  });

  it("builds the page and does nothing else with --build, without any node", { timeout: 60_000 }, async () => {
    await endpoint.close();
    await folder.remove();
    expect(await folder.run(["portal", "--build"])).toMatchObject({ code: 0, err: "" });
    expect(await folder.run(["portal", "--build"])).toEqual({
      code: 0,
      out: "The portal was built already.\n",
      err: "",
    });
    expect(await folder.run(["portal", "--build", "--json"])).toEqual({
      code: 0,
      out: '{"portal":"fresh"}\n',
      err: "",
    });
    expect(control.calls).toEqual([]);
    endpoint = await startControlEndpoint({ control: control.service, tokens });
  });

  it("has help that names every option and how a page comes back", async () => {
    const { code, out } = await folder.run(["portal", "--help"]);
    expect(code).toBe(0);
    for (const word of ["--no-open", "--minutes", "1 to 15", "--origin", "--build", "federation page end ID"])
      expect(out).toContain(word);
    expect((await folder.run(["--help"])).out).toMatch(/\n {2}portal \[options\]/);
    expect(await folder.run(["portal", "now"])).toMatchObject({ code: 2, out: "" });
    expect(await folder.run(["portal", "--frobnicate"])).toMatchObject({ code: 2, out: "" });
  });
});

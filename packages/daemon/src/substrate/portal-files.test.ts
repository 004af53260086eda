import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ask, type HttpAttempt } from "./testing/http-client.ts";
import { type FixtureSubstrate, startFixture, until } from "./testing/start-fixture.ts";

/** A built portal, and around it what must never leave the machine: each such file holds the word `outside`. */
let around: string;
let dist: string;
let node: FixtureSubstrate;
const own: FixtureSubstrate[] = [];

const page = '<!doctype html><script type="module" src="./assets/index-AbC_1-23.js"></script>\n';
const script = "export const words = 'größer';\n";
const assets = {
  "index-AbC_1-23.js": [script, "text/javascript; charset=utf-8"],
  "index-B2.css": ["body { margin: 0 }\n", "text/css; charset=utf-8"],
  "inter-latin.wght-normal-x_Y.woff2": ["wOF2", "font/woff2"],
  "mark-0.svg": ["<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"],
} as const;

beforeAll(async () => {
  around = await mkdtemp(join(tmpdir(), "fed-portal-"));
  dist = join(around, "dist");
  await mkdir(join(dist, "assets/deeper"), { recursive: true });
  await writeFile(join(dist, "index.html"), page);
  for (const [name, [content]] of Object.entries(assets)) await writeFile(join(dist, "assets", name), content);
  // What is beside the files of Vite, or has another form than they.
  for (const name of [
    "dist/secret.js",
    "dist/assets/notes.html",
    "dist/assets/index.js.map",
    "dist/assets/deeper/a.js",
  ])
    await writeFile(join(around, name), "outside");
  for (const name of ["secret.js", "secret", "node.yaml"]) await writeFile(join(around, name), "outside");
  await mkdir(join(dist, "assets/folder.js"));
  await symlink(join(around, "secret.js"), join(dist, "assets/link.js"));
  await symlink("../../secret.js", join(dist, "assets/near.js"));
  node = await start({ portalFolder: dist });
  own.length = 0;
});
afterEach(async () => {
  await Promise.all(own.splice(0).map((substrate) => substrate.drain()));
});
afterAll(async () => {
  await node.drain();
  await rm(around, { recursive: true, force: true });
});

async function start(options: Parameters<typeof startFixture>[0]): Promise<FixtureSubstrate> {
  const substrate = await startFixture(options);
  own.push(substrate);
  return substrate;
}

/** As a browser asks for a page: without a credential. */
async function get(path: string, given: Omit<HttpAttempt, "port" | "path"> = {}, at = node) {
  const answer = await ask({ port: at.port, method: "GET", token: "", path, ...given });
  return { status: answer.status, headers: answer.headers, text: await answer.ended };
}

/** A request line as nobody's client would write it. */
async function raw(target: string): Promise<string> {
  const socket = connect(node.port, "127.0.0.1");
  socket.end(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${node.port}\r\nConnection: close\r\n\r\n`);
  return await text(socket);
}

describe("the page", () => {
  it("is served to anybody, and never kept", async () => {
    expect(await get("/portal/")).toMatchObject({
      status: 200,
      text: page,
      headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
    });
  });

  it.each(["/portal", "/", "/portal?from=here"])("is where %s leads", async (path) => {
    expect(await get(path)).toMatchObject({ status: 302, text: "", headers: { location: "/portal/" } });
  });

  it("is the same whatever is asked behind a question mark, which is no file", async () => {
    expect(await get("/portal/?../secret.js")).toMatchObject({ status: 200, text: page });
  });

  it("comes while the node has no logic: it can say so", async () => {
    const late = await start({ mode: "dies at start", portalFolder: dist });
    expect(await get("/portal/", {}, late)).toMatchObject({ status: 200, text: page });
  });

  it("that is not built is 503, with the command that builds it, and is served as soon as it is there", async () => {
    const folder = join(around, "later");
    const early = await start({ portalFolder: folder });
    const missing = await get("/portal/", {}, early);
    expect(missing).toMatchObject({
      status: 503,
      headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
    });
    expect(missing.text).toContain("npx -y pnpm@12 build:portal");
    expect((await get("/portal/assets/index-B2.css", {}, early)).status).toBe(404);
    await mkdir(folder);
    await writeFile(join(folder, "index.html"), "new");
    expect(await get("/portal/", {}, early)).toMatchObject({ status: 200, text: "new" });
  });

  it("is not there where listen.portal is false, nor is anything of it", async () => {
    const plain = await start({ listen: { portal: false }, portalFolder: dist });
    for (const path of ["/portal/", "/portal", "/", "/portal/assets/index-B2.css"]) {
      const { status, text: said } = await get(path, {}, plain);
      expect([status, JSON.parse(said)], path).toEqual([
        404,
        { error: "Known here: /healthz, /readyz, /metrics and /mcp." },
      ]);
    }
  });
});

describe("a file of the page", () => {
  it.each(Object.entries(assets))("%s is served with its type, and kept for ever", async (name, [content, type]) => {
    expect(await get(`/portal/assets/${name}`)).toMatchObject({
      status: 200,
      text: content,
      headers: {
        "content-type": type,
        "content-length": String(Buffer.byteLength(content)),
        "cache-control": "public, max-age=31536000, immutable",
      },
    });
  });

  it("that is not there is 404, and asked for again: the next build may bring it", async () => {
    expect(await get("/portal/assets/index-gone.js")).toMatchObject({
      status: 404,
      headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
    });
  });
});

describe("nothing but the files of the page can be named", () => {
  it.each([
    ["a step up", "/portal/../secret.js"],
    ["a step up from the assets", "/portal/assets/../secret.js"],
    ["many steps up", "/portal/assets/../../../../../../../../etc/passwd"],
    ["an encoded step up", "/portal/%2e%2e/secret.js"],
    ["a half encoded step up", "/portal/.%2e/secret.js"],
    ["an encoded slash", "/portal/..%2fsecret.js"],
    ["an encoded slash among the assets", "/portal/assets/..%2f..%2fsecret.js"],
    ["an encoded slash in place of the first", "/portal%2f..%2fsecret.js"],
    ["what is encoded twice", "/portal/assets/%252e%252e%252fsecret.js"],
    ["a backslash", "/portal/..\\secret.js"],
    ["a backslash among the assets", "/portal/assets\\..\\..\\secret.js"],
    ["an encoded backslash", "/portal/assets/..%5c..%5csecret.js"],
    ["an overlong slash", "/portal/assets/..%c0%af..%c0%afsecret.js"],
    ["an encoded NUL", "/portal/assets/index-B2.css%00.js"],
    ["an encoded NUL behind a step up", "/portal/assets/..%2f..%2fsecret%00.js"],
    ["an encoded line feed", "/portal/assets/index-B2.css%0a"],
    ["a full path", "/portal//etc/passwd"],
    ["a full path among the assets", "/portal/assets//etc/passwd.js"],
    ["an address of a file", "/portal/file:///etc/passwd"],
    ["a link to outside", "/portal/assets/link.js"],
    ["a link that leads up", "/portal/assets/near.js"],
    ["a file beside the assets", "/portal/secret.js"],
    ["the page by its file", "/portal/index.html"],
    ["a file of another type", "/portal/assets/notes.html"],
    ["a source map", "/portal/assets/index.js.map"],
    ["a folder", "/portal/assets/"],
    ["a folder with the name of a file", "/portal/assets/folder.js"],
    ["a file in a folder", "/portal/assets/deeper/a.js"],
    ["a slash at the end", "/portal/assets/index-B2.css/"],
    ["another case", "/PORTAL/assets/index-B2.css"],
    ["another word", "/portals/assets/index-B2.css"],
    ["a name of 5,000 letters", `/portal/assets/${"x".repeat(5000)}.js`],
  ])("by %s", async (_what, path) => {
    for (const method of ["GET", "HEAD"]) {
      const { status, text: said } = await get(path, { method });
      expect(status).toBe(404);
      expect(said).not.toContain("outside");
      expect(said).not.toContain(around);
    }
  });

  it.each(["/portal/assets/..\0/secret.js", "http://127.0.0.1/portal/", "*", "file:///etc/passwd"])(
    "by the target %j, which no browser writes",
    async (target) => {
      expect(await raw(target)).toMatch(/^HTTP\/1\.1 40[04] /);
    },
  );
});

describe("whatever is answered below /portal/", () => {
  const places = [
    ["the page", "/portal/", 200],
    ["a file", "/portal/assets/index-AbC_1-23.js", 200],
    ["the way to the page", "/portal", 302],
    ["what is not there", "/portal/assets/none.js", 404],
  ] as const;

  it.each(places)(
    "%s runs its own code alone, reaches its own node alone, and is not framed",
    async (_what, path, status) => {
      const answer = await get(path);
      expect(answer.status).toBe(status);
      const policy = String(answer.headers["content-security-policy"]).split("; ");
      // The whole of it: what is added here is added on purpose.
      expect(policy.sort()).toEqual([
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "font-src 'self'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "img-src 'self'",
        "require-trusted-types-for 'script'",
        "script-src 'self'",
        "style-src 'self'",
        "trusted-types 'none'",
      ]);
      expect(answer.headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": expect.stringContaining("camera=()"),
      });
      // A page that reads cookies or is read by others would need another threat model.
      for (const name of ["set-cookie", "access-control-allow-origin"]) expect(answer.headers[name]).toBeUndefined();
    },
  );

  it.each(places)("%s has to HEAD the answer of GET without its body", async (_what, path, status) => {
    const { date: _then, ...headers } = (await get(path)).headers;
    const head = await get(path, { method: "HEAD" });
    expect([head.status, head.text]).toEqual([status, ""]);
    expect(head.headers).toMatchObject(headers);
  });

  it.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])("is never the answer to %s", async (method) => {
    for (const [, path] of places) {
      const answer = await get(path, { method, ...(method === "OPTIONS" ? {} : { body: { ticket: "x" } }) });
      expect([answer.status, answer.headers["allow"]]).toEqual([405, "GET, HEAD"]);
      expect(answer.text).not.toContain("<script");
    }
  });

  it("is refused under a name that was rebound to this machine, and to a page of another origin", async () => {
    for (const [headers, key] of [
      [{ host: "rebound.example" }, "listen.allowedHosts"],
      [{ host: `rebound.example:${node.port}` }, "listen.allowedHosts"],
      [{ origin: "https://evil.example" }, "listen.allowedOrigins"],
      [{ origin: "null" }, "listen.allowedOrigins"],
    ] as const) {
      for (const [, path] of places) {
        const answer = await get(path, { headers });
        expect(answer.status, JSON.stringify(headers)).toBe(403);
        expect(answer.text).toContain(key);
        expect(answer.text).not.toContain("<script");
      }
    }
  });

  it("is served to the node's own page, and under a name of listen.allowedHosts", async () => {
    const far = await start({ listen: { allowedHosts: ["mesh.example"] }, portalFolder: dist });
    await until("the port answers", async () => (await fetch(`${far.base}/healthz`)).ok);
    for (const headers of [
      { origin: far.base },
      { host: `localhost:${far.port}`, origin: `http://localhost:${far.port}` },
      { host: "mesh.example" },
    ])
      expect(await get("/portal/", { headers }, far), JSON.stringify(headers)).toMatchObject({
        status: 200,
        text: page,
      });
  });
});

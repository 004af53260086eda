import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { repository } from "../repository.ts";
import { answerPortal, portalPath } from "../substrate/portal-files.ts";
import { ensurePortalBuilt } from "./build-portal.ts";

/** A checkout whose Vite is a few lines that count how often they ran. */
let root: string;
const at = (...names: readonly string[]) => join(root, "packages/portal", ...names);
const builder = `
const { appendFileSync, mkdirSync, writeFileSync } = require("node:fs");
const out = process.argv[process.argv.indexOf("--outDir") + 1];
appendFileSync("runs.log", process.argv.slice(2).join(" ") + "\\n");
mkdirSync(out + "/assets", { recursive: true });
writeFileSync(out + "/assets/index-" + process.pid + ".js", "");
writeFileSync(out + "/index.html", "index-" + process.pid + ".js");
`;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "fed-build-"));
  for (const folder of ["portal/src/views", "portal/node_modules/vite/bin", "core/src", "mcp/src"])
    await mkdir(join(root, "packages", folder), { recursive: true });
  await writeFile(join(root, "pnpm-lock.yaml"), "");
  for (const file of ["index.html", "vite.config.ts", "src/main.tsx", "src/views/room.tsx"])
    await writeFile(at(file), "");
  await writeFile(at("node_modules/vite/bin/vite.js"), builder);
  await age(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** As if everything below had been there for an hour. */
async function age(folder: string): Promise<void> {
  const then = new Date(Date.now() - 3_600_000);
  const inside = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of inside) await utimes(join(entry.parentPath, entry.name), then, then);
}
const runs = async () => (await readFile(at("runs.log"), "utf8")).trim().split("\n");
/** What a build that ends badly, or well, leaves beside its page. */
const leftovers = async () => (await readdir(at("node_modules"))).filter((name) => name !== "vite");

describe("the page is built", () => {
  it("when it is not there, and not again while nothing it is made of has changed", async () => {
    expect(await ensurePortalBuilt(root)).toBe("built");
    expect(await readdir(at("dist"))).toEqual(["assets", "index.html"]);
    expect(await ensurePortalBuilt(root)).toBe("fresh");
    expect(await runs()).toHaveLength(1);
    expect(await leftovers()).toEqual([]);
  });

  it.each([
    "packages/portal/src/views/room.tsx",
    "packages/portal/index.html",
    "packages/portal/vite.config.ts",
    "packages/core/src/new.ts",
    "packages/mcp/src/new.ts",
    "pnpm-lock.yaml",
  ])("again when %s is newer", async (file) => {
    await ensurePortalBuilt(root);
    await age(at("dist"));
    await writeFile(join(root, file), "changed");
    expect(await ensurePortalBuilt(root)).toBe("built");
    expect(await runs()).toHaveLength(2);
  });

  it("again when something was changed while it was built", async () => {
    const meanwhile = `require("node:fs").writeFileSync("src/main.tsx", "changed");`;
    await writeFile(at("node_modules/vite/bin/vite.js"), meanwhile + builder);
    await ensurePortalBuilt(root);
    expect(await ensurePortalBuilt(root)).toBe("built");
  });

  it("not for a test, which is no part of it", async () => {
    await ensurePortalBuilt(root);
    await writeFile(at("src/views/room.test.ts"), "changed");
    const later = new Date(Date.now() + 5000);
    await utimes(at("src/views/room.test.ts"), later, later);
    expect(await ensurePortalBuilt(root)).toBe("fresh");
  });

  it("whole: of the one before nothing is left", async () => {
    await mkdir(at("dist/assets"), { recursive: true });
    await writeFile(at("dist/assets/index-old.js"), "");
    await ensurePortalBuilt(root);
    expect(await readdir(at("dist/assets"))).toEqual([await readFile(at("dist/index.html"), "utf8")]);
  });

  it("for everybody to read whom this user's files are for: a daemon may run as another one", async () => {
    await ensurePortalBuilt(root);
    const modes = async (...names: readonly string[]) => (await stat(at(...names))).mode;
    expect(await modes("dist")).toBe(await modes("src"));
    expect(await modes("dist/index.html")).toBe(await modes("index.html"));
  });

  it("by several at once without one meeting another's half", async () => {
    expect(await Promise.all(Array.from({ length: 4 }, () => ensurePortalBuilt(root)))).toContain("built");
    expect(await readdir(at("dist/assets"))).toEqual([await readFile(at("dist/index.html"), "utf8")]);
    expect(await leftovers()).toEqual([]);
  });
});

describe("a build that fails", () => {
  it("says what was said and which command to run, and leaves the page of before", async () => {
    await mkdir(at("dist"));
    await writeFile(at("dist/index.html"), "before");
    await age(at());
    await writeFile(at("src/main.tsx"), "changed");
    const broken = `${builder}console.error("main.tsx:1: unexpected token"); process.exit(1);`;
    await writeFile(at("node_modules/vite/bin/vite.js"), broken);
    await expect(ensurePortalBuilt(root)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/run: npx -y pnpm@12 build:portal\nmain\.tsx:1: unexpected token$/),
    });
    expect(await readFile(at("dist/index.html"), "utf8")).toBe("before");
    expect(await leftovers()).toEqual([]);
  });

  it("for want of what builds it says how that is installed", async () => {
    await rm(at("node_modules"), { recursive: true });
    await expect(ensurePortalBuilt(root)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("npx -y pnpm@12 install"),
    });
  });
});

describe("the page of this checkout", () => {
  it("is of such files as a node serves, and of such words as its policy lets run", { timeout: 60_000 }, async () => {
    await ensurePortalBuilt();
    const served = async (name: string) => {
      const answer = await answerPortal(repository.portal, `${portalPath}${name}`);
      expect(answer?.status, name).toBe(200);
      return String(answer?.body);
    };
    const files = await readdir(repository.portal, { recursive: true, withFileTypes: true });
    const names = files.filter((it) => it.isFile()).map((it) => it.name);
    const assets = names.filter((name) => name !== "index.html");
    const texts = new Map<string, string>();
    for (const name of assets) texts.set(name, await served(`assets/${name}`));

    const html = await served("");
    const named = [...html.matchAll(/\s(?:src|href)="([^"]*)"/g)].map(([, address = ""]) => address);
    expect(named.length).toBeGreaterThanOrEqual(3);
    // Relative, so that an editor can serve the same files from elsewhere.
    for (const address of named) expect(assets.map((name) => `./assets/${name}`)).toContain(address);
    for (const [script] of html.matchAll(/<script[^>]*>[^<]*/g)) expect(script).toMatch(/^<script [^>]*src="[^>]*>$/);
    expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=|http-equiv/i);

    const styles = [...texts].filter(([name]) => name.endsWith(".css")).map(([, text]) => text);
    expect(styles).toHaveLength(1);
    for (const [, address = ""] of styles.join("").matchAll(/url\(["']?([^)"']*)/g))
      expect(assets.map((name) => `./${name}`)).toContain(address);
    expect(styles.join("")).not.toContain("@import");
  });
});

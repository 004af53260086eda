import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createHandFedControl, startControlEndpoint } from "@federation/mcp/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCliFolder, token } from "./testing/cli-run.ts";

const tokens = { [token]: { actor: "commander", role: "commander" } } as const;

let control = createHandFedControl();
let endpoint: Awaited<ReturnType<typeof startControlEndpoint>>;
let folder: Awaited<ReturnType<typeof createCliFolder>>;
let clone: string;
let server: string;

beforeEach(async () => {
  control = createHandFedControl();
  endpoint = await startControlEndpoint({ control: control.service, tokens });
  folder = await createCliFolder(endpoint.url);
  clone = join(folder.stateFolder, "clone");
  server = join(folder.stateFolder, "server.git");
  execFileSync("git", ["init", "--quiet", clone]);
  execFileSync("git", ["init", "--quiet", "--bare", server]);
});
afterEach(async () => {
  await endpoint.close();
  await folder.remove();
});

const install = (...args: readonly string[]) => folder.run(["git", "install", ...args]);

describe("installing the guard", () => {
  it("of a server names its reserved refs, and keeps them when it is installed again", async () => {
    expect(await install(server, "--server", "--reserved", "refs/heads/main")).toMatchObject({ code: 0 });
    expect(await install(server, "--server")).toMatchObject({ code: 0 });
    const { out } = await folder.run(["git", "status", server]);
    expect(out).toMatch(/reserved +refs\/heads\/main\n/);
    const json = await folder.run(["git", "status", server, "--json"]);
    expect(JSON.parse(json.out)).toMatchObject({ inForce: true, reserved: ["refs/heads/main"] });
  });

  it("refuses what can have no effect", async () => {
    const key = join(folder.stateFolder, "no-key");
    const said = async (...args: readonly string[]): Promise<string> => {
      const { code, err } = await install(...args);
      expect(code).toBe(2);
      return err;
    };
    expect(await said(server, "--server", "--reserved", "main")).toContain(
      '"main" names no ref; write it as refs/heads/main.',
    );
    expect(await said(clone, "--reserved", "refs/heads/main")).toContain("give --server too");
    expect(await said(server, "--server", "--actor", "baby")).toContain("--actor is for a clone");
    expect(await said(server, "--server", "--key", key)).toContain("--key is for a clone");
    expect(await said(server, "--server", "--this-worktree")).toContain("--this-worktree is for a clone");
    expect(existsSync(join(server, "federation"))).toBe(false);
  });

  it("of a clone makes no key where one was named, and none for a bare repository", async () => {
    const before = await readdir(folder.stateFolder);
    const key = join(folder.stateFolder, "slip-of-the-pen");
    expect(await install(clone, "--key", key)).toMatchObject({
      code: 2,
      err: expect.stringContaining(`There is no key ${key}.`),
    });
    expect(await install(server)).toMatchObject({ code: 2, err: expect.stringContaining("with --server") });
    expect(await readdir(folder.stateFolder)).toEqual(before);
    expect(control.calls).toEqual([]);
  });

  it("says nothing of empty lists in its help", async () => {
    const { out } = await install("--help");
    expect(out).toContain("--reserved <pattern>");
    expect(out).not.toContain("default: []");
  });
});

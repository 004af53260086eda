/** The one-shot service of docker-compose.yml, run as it is, against a real PostgreSQL in a folder instead of a container. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { dropLogins } from "@federation/store";
import { type TestDatabase, testDatabase } from "@federation/testkit/postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readComposeFile } from "./compose/compose-file.ts";

const root = path.join(import.meta.dirname, "../../..");
const run = promisify(execFile);
const names = ["taichi-5090", "aorus-3090", "baby", "commander"];

let database: TestDatabase;
let folder: string;
let environment: Record<string, string>;
let owner: URL;

const init = () => run("/bin/sh", [path.join(root, "deploy/compose/init.sh")], { env: environment, timeout: 120_000 });
const inside = (...parts: string[]) => path.join(folder, ...parts);

beforeAll(async () => {
  database = await testDatabase();
  owner = new URL(database.adminUrl);
  folder = await mkdtemp(path.join(tmpdir(), "federation-compose-init-"));
  for (const name of names) await mkdir(inside("join", name), { recursive: true });
  await mkdir(inside("broker"));
  await writeFile(inside("secret"), `${owner.password}\n`);
  environment = {
    PATH: "/usr/bin:/bin",
    HOME: folder,
    FED_INSECURE: "1",
    INIT_ROOT: root,
    INIT_JOIN: inside("join"),
    INIT_BROKER: inside("broker"),
    INIT_SECRET: inside("secret"),
    INIT_DATABASE: `${owner.host}${owner.pathname}`,
  };
  await init();
}, 180_000);

afterAll(async () => {
  // Logins belong to the server and would outlive the database.
  await dropLogins(database.adminUrl).catch(() => {});
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

test("every node has a join folder that only its owner can read, and the daemon finds it complete", async () => {
  const { services } = await readComposeFile(path.join(root, "docker-compose.yml"));
  for (const name of names) {
    expect((await stat(inside("join", name, "node"))).mode & 0o077).toBe(0);
    const { stdout } = await run(
      path.join(root, "deploy/bin/node24"),
      ["packages/daemon/bin/federationd.mjs", "--check", "--config", inside("join", name, "node", "node.yaml")],
      { env: { PATH: "/usr/bin:/bin", HOME: folder, ...services[name]?.environment } },
    );
    expect(stdout).toContain(name);
  }
});

test("the broker knows every node, by the passcode in its join folder", async () => {
  const users = await readFile(inside("broker", "users.properties"), "utf8");
  for (const name of names) {
    const passcode = await readFile(inside("join", name, "node", "secrets", "broker-passcode"), "utf8");
    expect(users).toContain(`${name}=${passcode.trim()}\n`);
  }
  const groups = await readFile(inside("broker", "groups.properties"), "utf8");
  expect(groups).toContain(`nodes=${names.join(",")}\n`);
  expect((await readdir(inside("broker"))).sort()).toEqual(["groups.properties", "users.properties"]);
});

test("a second start changes nothing", async () => {
  const secrets = () =>
    Promise.all(names.map((name) => readFile(inside("join", name, "node", "secrets", "token"), "utf8")));
  const before = await secrets();
  await init();
  expect(await secrets()).toEqual(before);
});

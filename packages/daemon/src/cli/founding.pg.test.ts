import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { dropLogins } from "@federation/store";
import { type TestDatabase, testDatabase } from "@federation/testkit/postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadNodeConfig } from "../config/index.ts";
import { createCliFolder } from "./testing/cli-run.ts";

let database: TestDatabase;
let folder: Awaited<ReturnType<typeof createCliFolder>>;

beforeAll(async () => {
  database = await testDatabase();
  folder = await createCliFolder("ws://127.0.0.1:1/mcp");
  await writeFile(out("owner-url"), `${database.adminUrl}\n`, { mode: 0o600 });
});
afterAll(async () => {
  await dropLogins(database.adminUrl).catch(() => undefined);
  await database.drop();
  await folder.remove();
});

const out = (name: string) => join(folder.stateFolder, name);
const run = (...argv: string[]) => folder.run(argv, { environment: { ownerUrlFile: out("owner-url") } });
const broker = ["--broker-url", "stomp://127.0.0.1:61613"];

/** In order: each test goes on with the database of the one before. */
describe("founding a federation from the command line", () => {
  it("begins with an empty database, which status says, and which no node can be added to", async () => {
    expect(await run("db", "status")).toMatchObject({ code: 1, out: expect.stringContaining("federation db migrate") });
    const early = await run("node", "add", "eye", "--role", "observer", ...broker, "--out", out("early"));
    expect(early.code).not.toBe(0);
    await expect(stat(out("early"))).rejects.toThrow();
  });

  it("lays the schema, puts the charter in force, and gives the human a join folder", async () => {
    const founded = await run("init", ...broker, "--out", out("human"));
    expect(founded).toMatchObject({ code: 0, err: expect.stringContaining("charter version 0 is in force") });
    expect(loadNodeConfig(join(out("human"), "node.yaml"), {}).config.profile.role).toBe("commander");
    expect(await run("db", "status")).toMatchObject({ code: 0, out: expect.stringMatching(/to do +nothing/) });
    expect(await run("db", "migrate")).toMatchObject({
      code: 0,
      out: "The schema was current.\nCharter version 0 is in force.\n",
    });
  });

  it("keeps the commander's credential out of any workspace", async () => {
    await mkdir(join(out("work"), ".git"), { recursive: true });
    const place = join(out("work"), "second");
    const kept = await run("node", "add", "second", "--role", "commander", ...broker, "--out", place);
    expect(kept).toMatchObject({ code: 2, err: expect.stringContaining("--out") });
    await expect(stat(place)).rejects.toThrow();
    expect((await run("init", ...broker, "--commander", "third", "--out", join(out("work"), "third"))).code).toBe(2);
  });

  it("adds a node: a folder for its owner's eyes that a daemon accepts, and its account for the broker", async () => {
    const add = ["node", "add", "baby", "--role", "analyst", ...broker];
    const added = await run(...add, "--out", out("baby"));
    expect(added).toMatchObject({ code: 0, err: "" });
    expect((await stat(join(out("baby"), "secrets", "token"))).mode & 0o077).toBe(0);
    const { config } = loadNodeConfig(join(out("baby"), "node.yaml"), {});
    expect(config).toMatchObject({ node: { name: "baby" }, listen: { port: 7400 }, profile: { role: "analyst" } });
    const passcode = (await readFile(join(out("baby"), "secrets", "broker-passcode"), "utf8")).trim();
    expect(added.out).toContain(`baby=${passcode}`);
    expect(added.out).toContain('queue="federation.baby" read="baby" write="nodes"');
  });

  it("wants a model for an agent, and takes the one that is named", async () => {
    const add = ["node", "add", "dev-4", "--role", "developer", ...broker, "--out", out("dev-4")];
    expect(await run(...add)).toMatchObject({ code: 2, err: expect.stringContaining("--model") });
    expect((await run(...add, "--model", "fixture")).code).toBe(0);
    const { config } = loadNodeConfig(join(out("dev-4"), "node.yaml"), {});
    expect(config.inference).toMatchObject({ mode: "own", model: "fixture", gpu: false });
  });

  it("refuses what it cannot finish before anything is registered", async () => {
    const add = (name: string, ...more: string[]) => run("node", "add", name, "--role", "observer", ...more);
    await writeFile(out("taken"), "");
    expect(await add("eye", ...broker, "--out", out("taken"))).toMatchObject({ code: 1 });
    expect(await add("eye", ...broker, "--out", "/nowhere/at/all")).toMatchObject({ code: 2 });
    expect(await add("eye", "--out", out("eye"))).toMatchObject({ code: 2, err: expect.stringContaining("broker") });
    expect(await add("No Name", ...broker, "--out", out("eye"))).toMatchObject({ code: 2 });
    expect(await add("eye", ...broker, "--port", "70000", "--out", out("eye"))).toMatchObject({ code: 2 });
    expect(await add("eye", ...broker, "--out", out("eye"))).toMatchObject({ code: 0 });
    const again = await add("eye", ...broker, "--out", out("eye-2"));
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining("already") });
  });

  it("needs the owner's login, does not repeat it, and says when the database is away", async () => {
    expect((await folder.run(["db", "status"])).code).toBe(2);
    const wrong = await folder.run(["db", "status", "--database-url", "mysql://me:hunter2@host/x"]);
    expect(wrong.code).toBe(2);
    expect(wrong.err).not.toContain("hunter2");
    const away = await folder.run(["db", "status", "--database-url", "postgresql://me:hunter2@127.0.0.1:1/x"]);
    expect(away.code).toBe(3);
    expect(away.err).not.toContain("hunter2");
  });
});

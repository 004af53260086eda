import { createHash } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { control, MeshError } from "@federation/core";
import { createHandFedControl, startControlEndpoint } from "@federation/mcp/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCliFolder, token } from "../testing/cli-run.ts";

let fed = createHandFedControl();
let endpoint: Awaited<ReturnType<typeof startControlEndpoint>>;
let folder: Awaited<ReturnType<typeof createCliFolder>>;
beforeEach(async () => {
  fed = createHandFedControl();
  endpoint = await startControlEndpoint({
    control: fed.service,
    tokens: { [token]: { actor: "commander", role: "commander" } },
  });
  folder = await createCliFolder(endpoint.url);
});
afterEach(async () => {
  await endpoint.close();
  await folder.remove();
});

const record = (over: object = {}) => ({
  id: "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0001",
  actor: "copilot",
  label: "the laptop",
  scopes: ["read", "act"],
  state: "live",
  issuedBy: "commander",
  createdAt: "2026-01-02T03:04:05.000Z",
  expiresAt: "2026-04-02T03:04:05.000Z",
  revokedAt: null,
  replacedBy: null,
  ...over,
});
/** Issues what is asked for, as a node does. */
const issues = () =>
  fed.on("IssueToken", (asked) => {
    const { id, actor = "commander", label, scopes } = control.IssueToken.request.parse(asked);
    return { token: record({ id, actor, label, scopes }) };
  });
const asked = () =>
  fed.calls.filter((call) => call.name === "IssueToken").map((call) => control.IssueToken.request.parse(call.request));
const hash = (text: string): string => createHash("sha256").update(text).digest("hex");

test("a token is made here, shown once, and only its hash is sent", async () => {
  issues();
  const { out } = await folder.run(["token", "issue", "copilot", "--label", "the laptop", "--days", "7"]);
  const secret = out.trimEnd().split("\n").at(-1) ?? "";
  expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(asked()).toMatchObject([
    { actor: "copilot", label: "the laptop", sha256: hash(secret), scopes: ["read", "act"], expiresInMs: 604_800_000 },
  ]);
  expect(JSON.stringify(fed.calls)).not.toContain(secret);
  expect(out).toContain("of copilot may read, act until 2026-04-02 03:04:05 UTC.");
});

test("a token goes into a new file that only its owner can read, and is not shown", async () => {
  issues();
  const file = join(folder.stateFolder, "copilot.token");
  const { out } = await folder.run(["token", "issue", "copilot", "--to", file, "--scopes", "read"]);
  const secret = (await readFile(file, "utf8")).trim();
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(out).not.toContain(secret);
  expect(asked()).toMatchObject([{ sha256: hash(secret), scopes: ["read"] }]);
  const again = await folder.run(["token", "issue", "copilot", "--to", file]);
  expect(again.err).toContain("is there already");
  expect(again.code).not.toBe(0);
  expect(asked()).toHaveLength(1);
});

test("a token that is refused leaves no file", async () => {
  fed.on("IssueToken", () => {
    throw new MeshError("refused", "copilot gets its tokens from itself or from the commander");
  });
  const file = join(folder.stateFolder, "copilot.token");
  expect((await folder.run(["token", "issue", "copilot", "--to", file])).code).not.toBe(0);
  await expect(stat(file)).rejects.toThrow(/ENOENT/);
});

test.each(["unavailable", "unauthenticated", "deadline_exceeded", "internal"] as const)(
  "a token whose answer ended in %s may be good, and stays in its file",
  async (code) => {
    fed.on("IssueToken", () => {
      throw new MeshError(code, "It is away.");
    });
    const file = join(folder.stateFolder, `${code}.token`);
    const run = await folder.run(["token", "issue", "copilot", "--to", file, "--timeout", "1"]);
    expect(run.code).not.toBe(0);
    expect(run.err).toContain("the file is kept");
    const [call] = asked();
    expect(hash((await readFile(file, "utf8")).trim())).toBe(call?.sha256);
  },
);

test("with --json the token is a field, and a file's name where there is one", async () => {
  issues();
  const { out } = await folder.run(["token", "issue", "copilot", "--json"]);
  const answer: unknown = JSON.parse(out);
  expect(answer).toMatchObject({ token: { actor: "copilot" }, secret: expect.stringMatching(/^[\w-]{43}$/) });
  const file = join(folder.stateFolder, "second.token");
  expect(JSON.parse((await folder.run(["token", "issue", "--to", file, "--json"])).out)).toMatchObject({ file });
});

test("a call that had been made before is no new token", async () => {
  fed.on("IssueToken", () => ({ token: record() }));
  const { out, err, code } = await folder.run(["token", "issue", "copilot", "--call-id", "once"]);
  expect({ out, code }).not.toMatchObject({ code: 0 });
  expect(err).toContain("This call was made before");
});

test("a token is rotated with its actor, label and scopes, and the old one lives on as long as is said", async () => {
  issues();
  fed.on("ListTokens", (request) => ({
    tokens: control.ListTokens.request.parse(request).actor === "all" ? [record()] : [],
  }));
  const file = join(folder.stateFolder, "next.token");
  const { code } = await folder.run(["token", "rotate", record().id, "--grace-hours", "2", "--to", file]);
  expect(code).toBe(0);
  expect(asked()).toMatchObject([
    { actor: "copilot", label: "the laptop", scopes: ["read", "act"], replaces: record().id, graceMs: 7_200_000 },
  ]);
  const unknown = await folder.run(["token", "rotate", "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0002"]);
  expect(unknown.err).toContain("There is no live token");
});

test("tokens are listed with what they may do and how they stand", async () => {
  fed.on("ListTokens", () => ({ tokens: [record(), record({ state: "revoked", label: "\u001b[31mred" })] }));
  const { out } = await folder.run(["token", "list", "--all-actors", "--ended"]);
  expect(out).toMatch(/copilot +live +read,act/);
  expect(out).not.toContain("\u001b[31m");
  expect(fed.calls[0]?.request).toEqual({ actor: "all", live: false });
});

test("a ticket is for one page, and each is a new one", async () => {
  fed.on("IssueTicket", () => ({ expiresAt: "2026-01-02T03:05:05.000Z" }));
  const origin = "https://portal.example";
  const run = async () =>
    (await folder.run(["token", "ticket", "--origin", origin, "--call-id", "c"])).out.trimEnd().split("\n").at(-1) ??
    "";
  const [first, second] = [await run(), await run()];
  expect(fed.calls.map((call) => call.request)).toEqual([
    { sha256: hash(first), origin, lastsMs: 60_000 },
    { sha256: hash(second), origin, lastsMs: 60_000 },
  ]);
  expect(first).not.toBe(second);
  fed.calls.splice(0);
  await folder.run(["token", "ticket", "--origin", origin, "--minutes", "15"]);
  expect(fed.calls.map((call) => call.request)).toMatchObject([{ lastsMs: 900_000 }]);
  expect((await folder.run(["token", "ticket", "--origin", origin, "--minutes", "16"])).err).toContain("lastsMs");
  expect((await folder.run(["token", "ticket"])).err).toContain("--origin");
});

test("an actor is added with a role that is named, and retired by its name", async () => {
  fed.on("AddActor", () => ({ actor: "copilot" }));
  fed.on("RetireActor", () => ({ done: true }));
  const added = await folder.run(["actor", "add", "copilot", "--role", "developer"]);
  expect(added.out).toContain("federation token issue copilot --to FILE");
  expect((await folder.run(["actor", "retire", "copilot"])).code).toBe(0);
  expect(fed.calls.map((call) => call.request)).toEqual([{ name: "copilot", role: "developer" }, { name: "copilot" }]);
  for (const role of [[], ["--role", "commander"]]) {
    const refused = await folder.run(["actor", "add", "copilot", ...role]);
    expect(refused.err).toContain("developer, analyst, observer");
  }
});

test("a file that cannot be made is said before anything is issued", async () => {
  issues();
  await writeFile(join(folder.stateFolder, "plain"), "");
  const { err } = await folder.run(["token", "issue", "--to", join(folder.stateFolder, "plain", "x")]);
  expect(err).toContain("cannot be written");
  expect(asked()).toEqual([]);
});

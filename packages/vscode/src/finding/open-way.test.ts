import { symlink } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { folderWith } from "../testing/folder.ts";
import { type Grounds, openWay, wayUrl } from "./open-way.ts";

const trusting: Grounds = { trusted: true, joinFolder: "", storedToken: async () => undefined };
const cli = (url: string, tokenFile: string) => ({ "commander/cli.json": JSON.stringify({ url, tokenFile }) });
const here = "ws://127.0.0.1:7400/mcp";

describe("a local mesh", () => {
  test("is opened with the token that lies in its own folder", async () => {
    const folder = await folderWith({ ...cli(here, "../secrets/token"), "secrets/token": "abc\n" });
    const file = path.join(folder, "commander/cli.json");
    expect(await openWay({ kind: "local", file }, trusting)).toEqual({ url: here, token: "abc" });
  });

  test("is on this machine: a folder that was cloned sends no token anywhere", async () => {
    const folder = await folderWith({ ...cli("wss://elsewhere.example/mcp", "../token"), token: "abc" });
    const file = path.join(folder, "commander/cli.json");
    await expect(openWay({ kind: "local", file }, trusting)).rejects.toThrow("is not this machine");
  });

  test("names no file outside of itself as its token, by a path or by a link", async () => {
    const secret = path.join(await folderWith({ id_rsa: "private" }), "id_rsa");
    const byPath = await folderWith(cli(here, secret));
    const byLink = await folderWith(cli(here, "token"));
    await symlink(secret, path.join(byLink, "commander/token"));
    for (const folder of [byPath, byLink]) {
      const file = path.join(folder, "commander/cli.json");
      await expect(openWay({ kind: "local", file }, trusting)).rejects.toThrow("lies outside of");
    }
  });
});

describe("a join folder", () => {
  const files = (role: string, port: number, host = "::") => ({
    "node.yaml": `node: { name: anna }\nprofile: { role: ${role} }\nlisten: { host: "${host}", port: ${port} }\n`,
    "secrets/token": "abc",
  });

  test("of a person is opened on this machine, wherever its node listens", async () => {
    const folder = await folderWith(files("commander", 7500));
    expect(await openWay({ kind: "joinFolder", folder }, trusting)).toEqual({
      url: "ws://127.0.0.1:7500/mcp",
      token: "abc",
    });
  });

  test("of an agent is refused: a person does not speak as an agent", async () => {
    const folder = await folderWith(files("developer", 7500));
    await expect(openWay({ kind: "joinFolder", folder }, trusting)).rejects.toThrow("speaks as that agent");
  });

  test("sends no token to another machine, whoever named it", async () => {
    const folder = await folderWith(files("commander", 7500, "evil.example"));
    const way = { kind: "joinFolder", folder } as const;
    for (const open of [openWay, wayUrl]) {
      await expect(open(way, trusting)).rejects.toThrow("is not this machine");
      await expect(open(way, { ...trusting, joinFolder: folder })).rejects.toThrow("in plain text");
    }
  });

  test("without a port of its own says what to set", async () => {
    const folder = await folderWith(files("commander", 0));
    await expect(openWay({ kind: "joinFolder", folder }, trusting)).rejects.toThrow("federation.url");
  });
});

test("an address is opened with the token that the editor keeps for it, and with no other", async () => {
  const kept: Grounds = { ...trusting, storedToken: async (url) => (url === here ? "abc" : undefined) };
  expect(await openWay({ kind: "address", url: here }, kept)).toEqual({ url: here, token: "abc" });
  await expect(openWay({ kind: "address", url: "wss://node.example/mcp" }, kept)).rejects.toMatchObject({
    code: "unauthenticated",
  });
});

test("no address is given out to which a token would go in plain text", async () => {
  const way = { kind: "address", url: "ws://evil.example/mcp" } as const;
  await expect(wayUrl(way, trusting)).rejects.toThrow("in plain text");
});

test("an address is known without the person's token", async () => {
  expect(await wayUrl({ kind: "address", url: here }, trusting)).toBe(here);
});

test("what a workspace names is not opened before the workspace is trusted; what the person set, is", async () => {
  const folder = await folderWith({
    ...cli(here, "token"),
    "commander/token": "abc",
    "node.yaml": "node: { name: anna }\nprofile: { role: commander }\n",
    "secrets/token": "abc",
  });
  const untrusted: Grounds = { ...trusting, trusted: false };
  const joined = { kind: "joinFolder", folder } as const;
  for (const way of [{ kind: "local", file: path.join(folder, "commander/cli.json") } as const, joined])
    await expect(openWay(way, untrusted)).rejects.toThrow("do not trust");
  expect(await openWay(joined, { ...untrusted, joinFolder: folder })).toMatchObject({ token: "abc" });
});

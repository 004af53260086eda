import { symlink } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { folderWith } from "../testing/folder.ts";
import { openWay } from "./open-way.ts";

const noToken = () => Promise.resolve(undefined);
const cli = (url: string, tokenFile: string) => ({ "commander/cli.json": JSON.stringify({ url, tokenFile }) });
const here = "ws://127.0.0.1:7400/mcp";

describe("a local mesh", () => {
  test("is opened with the token that lies in its own folder", async () => {
    const folder = await folderWith({ ...cli(here, "../secrets/token"), "secrets/token": "abc\n" });
    const file = path.join(folder, "commander/cli.json");
    expect(await openWay({ kind: "local", file }, noToken)).toEqual({ url: here, token: "abc" });
  });

  test("is on this machine: a folder that was cloned sends no token anywhere", async () => {
    const folder = await folderWith({ ...cli("wss://elsewhere.example/mcp", "../token"), token: "abc" });
    const file = path.join(folder, "commander/cli.json");
    await expect(openWay({ kind: "local", file }, noToken)).rejects.toThrow("is not this machine");
  });

  test("names no file outside of itself as its token, by a path or by a link", async () => {
    const secret = path.join(await folderWith({ id_rsa: "private" }), "id_rsa");
    const byPath = await folderWith(cli(here, secret));
    const byLink = await folderWith(cli(here, "token"));
    await symlink(secret, path.join(byLink, "commander/token"));
    for (const folder of [byPath, byLink]) {
      const file = path.join(folder, "commander/cli.json");
      await expect(openWay({ kind: "local", file }, noToken)).rejects.toThrow("lies outside of");
    }
  });
});

describe("a join folder", () => {
  const files = (role: string, port: number) => ({
    "node.yaml": `node: { name: anna }\nprofile: { role: ${role} }\nlisten: { host: "::", port: ${port} }\n`,
    "secrets/token": "abc",
  });

  test("of a person is opened on this machine, wherever its node listens", async () => {
    const folder = await folderWith(files("commander", 7500));
    expect(await openWay({ kind: "joinFolder", folder }, noToken)).toEqual({
      url: "ws://127.0.0.1:7500/mcp",
      token: "abc",
    });
  });

  test("of an agent is refused: a person does not speak as an agent", async () => {
    const folder = await folderWith(files("developer", 7500));
    await expect(openWay({ kind: "joinFolder", folder }, noToken)).rejects.toThrow("speaks as that agent");
  });

  test("without a port of its own says what to set", async () => {
    const folder = await folderWith(files("commander", 0));
    await expect(openWay({ kind: "joinFolder", folder }, noToken)).rejects.toThrow("federation.url");
  });
});

test("an address is opened with the token that the editor keeps for it, and with no other", async () => {
  const kept = (url: string) => Promise.resolve(url === here ? "abc" : undefined);
  expect(await openWay({ kind: "address", url: here }, kept)).toEqual({ url: here, token: "abc" });
  await expect(openWay({ kind: "address", url: "wss://node.example/mcp" }, kept)).rejects.toMatchObject({
    code: "unauthenticated",
  });
});

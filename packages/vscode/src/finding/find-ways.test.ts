import path from "node:path";
import { describe, expect, test } from "vitest";
import { folderWith } from "../testing/folder.ts";
import { findWays, localMeshFile } from "./find-ways.ts";

const nobody = { folders: [], trusted: true, url: "", joinFolder: "" };
const mesh = { [localMeshFile]: "{}" };
const joinOf = (name: string, role: string) => `node: { name: ${name} }\nprofile: { role: ${role} }\n`;

describe("a node is looked for", () => {
  test("in the workspace, where `dev` leaves word of the local mesh", async () => {
    const folder = await folderWith(mesh);
    const found = await findWays({ ...nobody, folders: [folder] });
    expect(found.map((it) => it.way)).toEqual([{ kind: "local", file: path.join(folder, localMeshFile) }]);
  });

  test("not in a workspace that is not trusted; the settings still hold", async () => {
    const folder = await folderWith(mesh);
    const url = "ws://127.0.0.1:7400/mcp";
    const found = await findWays({ ...nobody, folders: [folder], trusted: false, url });
    expect(found.map((it) => it.way)).toEqual([{ kind: "address", url }]);
  });

  test("first where the person said", async () => {
    const folder = await folderWith(mesh);
    const found = await findWays({ ...nobody, folders: [folder], url: "ws://127.0.0.1:7400/mcp" });
    expect(found.map((it) => it.way.kind)).toEqual(["address", "local"]);
  });

  test("in a person's join folder, and never in an agent's", async () => {
    const person = await folderWith({ "commander/node.yaml": joinOf("anna", "commander") });
    const agent = await folderWith({ "node.yaml": joinOf("baby", "developer") });
    const found = await findWays({ ...nobody, folders: [person, agent] });
    expect(found.map((it) => it.title)).toEqual(["The node of anna"]);
  });

  test("and found once, however often it is named", async () => {
    const folder = await folderWith({ "commander/node.yaml": joinOf("anna", "commander") });
    const joinFolder = path.join(folder, "commander");
    const found = await findWays({ ...nobody, folders: [folder, folder], joinFolder });
    expect(found.map((it) => it.way)).toEqual([{ kind: "joinFolder", folder: joinFolder }]);
  });
});

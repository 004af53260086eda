/**
 * Which nodes a person may mean, likeliest first: what they set, the local mesh of the workspace, a human's join folder.
 *
 * 1. A workspace that is not trusted is not looked into.
 * 2. The join folder of an agent is none: whoever connects with it would speak as the agent.
 */
import { stat } from "node:fs/promises";
import path from "node:path";
import { readJoinFolder } from "./join-folder.ts";
import { sameWay, type Way } from "./way.ts";

export interface Places {
  /** Folders of the workspace, on this machine. */
  readonly folders: readonly string[];
  readonly trusted: boolean;
  /** The settings; empty when not set. */
  readonly url: string;
  readonly joinFolder: string;
}

export interface FoundWay {
  readonly way: Way;
  readonly title: string;
  readonly detail: string;
}

export const localMeshFile = path.join(".federation", "commander", "cli.json");
/** Where `federation init` is told to write the commander's join folder. */
const usualJoinFolder = "commander";

export async function findWays({ folders, trusted, url, joinFolder }: Places): Promise<readonly FoundWay[]> {
  const found: FoundWay[] = [];
  const add = (it: FoundWay): void => {
    if (!found.some((other) => sameWay(other.way, it.way))) found.push(it);
  };
  if (url !== "")
    add({ way: { kind: "address", url }, title: "The node of your settings", detail: `${url}, from federation.url` });
  if (joinFolder !== "") {
    const { name = "your node" } = await readJoinFolder(joinFolder).catch(() => ({ name: undefined }));
    add({
      way: { kind: "joinFolder", folder: joinFolder },
      title: `The node of ${name}`,
      detail: `${joinFolder}, from federation.joinFolder`,
    });
  }
  for (const folder of trusted ? folders : []) {
    const file = path.join(folder, localMeshFile);
    if (await isFile(file)) add({ way: { kind: "local", file }, title: "The local mesh", detail: file });
    for (const place of [folder, path.join(folder, usualJoinFolder)]) {
      const node = await readJoinFolder(place).catch(() => undefined);
      if (node?.role === "commander")
        add({ way: { kind: "joinFolder", folder: place }, title: `The node of ${node.name}`, detail: place });
    }
  }
  return found;
}

const isFile = (file: string): Promise<boolean> =>
  stat(file).then(
    (it) => it.isFile(),
    () => false,
  );

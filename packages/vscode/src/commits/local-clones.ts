/** The clones in which the nodes of a local mesh commit: a workspace's own repository may fetch from them. */
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { Way } from "../finding/way.ts";

export async function localClones(way: Way | undefined): Promise<readonly string[]> {
  if (way?.kind !== "local") return [];
  const folder = path.join(path.dirname(path.dirname(way.file)), "repositories");
  const inside = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return inside.filter((it) => it.isDirectory()).map((it) => path.join(folder, it.name));
}

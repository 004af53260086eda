import { readdir, readFile, readlink } from "node:fs/promises";
import { descendants } from "../../dev/descendants.ts";

const established = "01";

/** How many open connections to a port of this machine the descendants of a process have. Linux only. */
export async function socketsTo(port: number, pid: number): Promise<number> {
  const table = (await Promise.all(["tcp", "tcp6"].map((it) => readFile(`/proc/net/${it}`, "utf8")))).join("\n");
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const inodes = new Set(
    table
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , remote, state]) => remote?.endsWith(`:${hex}`) === true && state === established)
      .map((fields) => fields[9]),
  );
  let count = 0;
  for (const child of await descendants(pid)) {
    const folder = `/proc/${child.pid}/fd`;
    // A process may end while it is looked at.
    for (const name of await readdir(folder).catch(() => [])) {
      const target = await readlink(`${folder}/${name}`).catch(() => "");
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode !== undefined && inodes.has(inode)) count += 1;
    }
  }
  return count;
}

import { readdir, readFile } from "node:fs/promises";

interface Running {
  readonly pid: number;
  readonly parent: number;
  readonly commandLine: string;
}

/** Every process below `root`, from /proc. */
export async function descendants(root: number): Promise<readonly Running[]> {
  const all = (
    await Promise.all(
      (
        await readdir("/proc")
      )
        .filter((name) => /^\d+$/.test(name))
        .map(async (name): Promise<Running | undefined> => {
          try {
            const stat = await readFile(`/proc/${name}/stat`, "utf8");
            const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
            return {
              pid: Number(name),
              parent,
              commandLine: (await readFile(`/proc/${name}/cmdline`, "utf8")).replaceAll("\0", " "),
            };
          } catch {
            return undefined;
          }
        }),
    )
  ).filter((it) => it !== undefined);
  const found: Running[] = [];
  const below = new Set([root]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const it of all)
      if (below.has(it.parent) && !below.has(it.pid)) {
        below.add(it.pid);
        found.push(it);
        grown = true;
      }
  }
  return found;
}

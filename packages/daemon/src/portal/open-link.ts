/**
 * Opens a link that is a secret in the person's browser.
 *
 * 1. A program's arguments can be read by every process of the machine, so the browser is given a file that only this
 *    user can read, and that leads on.
 * 2. The file goes after a while. A program that ends before that cannot wait for the browser: what it leaves the next
 *    one removes, and the link in it is good once and for minutes.
 */
import { lstat, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { MeshError } from "@federation/core";
import open from "open";

export type OpenLink = (link: string) => Promise<void>;

/** Starts the browser with an address; the child process it did that with. */
type StartBrowser = (address: string) => Promise<{ unref(): void }>;

const prefix = "federation-portal-";

export interface OpenOptions {
  readonly start?: StartBrowser;
  /** Where the file is put. */
  readonly folder?: string;
  /** Long enough for a browser that has to start first. */
  readonly keptMs?: number;
}

/** @throws MeshError `unavailable` when no browser could be started. */
export async function openSecretLink(link: string, options: OpenOptions = {}): Promise<void> {
  const { start = open, folder = tmpdir(), keptMs = 30_000 } = options;
  await removeLeftovers(folder, keptMs);
  const place = await mkdtemp(path.join(folder, prefix));
  const remove = () => rm(place, { recursive: true, force: true });
  const file = path.join(place, "open.html");
  const target = JSON.stringify(link).replaceAll("<", "\\u003c");
  const page = `<!doctype html><meta charset="utf-8"><title>Federation</title><script>location.replace(${target})</script>\n`;
  try {
    await writeFile(file, page, { mode: 0o600, flag: "wx" });
    const started = await start(pathToFileURL(file).href);
    started.unref();
  } catch (error) {
    await remove();
    throw new MeshError("unavailable", "The browser could not be started; open the link yourself.", { cause: error });
  }
  setTimeout(() => void remove(), keptMs).unref();
}

/**
 * For a link that was printed already: it is good without a browser of this machine.
 * @param tell takes the sentence why none was opened.
 */
export async function openOrTell(
  link: string,
  { hasScreen, openLink, tell }: { readonly hasScreen: boolean; openLink: OpenLink; tell(sentence: string): void },
): Promise<void> {
  if (!hasScreen) {
    tell(`There is no screen here: open the link in a browser that reaches ${new URL(link).origin}.`);
    return;
  }
  await openLink(link).then(
    // One that is shut into a folder of its own, as a snap is, starts and cannot read the file.
    () => tell("If the browser shows nothing, open the link above."),
    (error: unknown) => tell(MeshError.from(error).message),
  );
}

/** Only what is this user's own: in a folder that all share, what another one put there may lead anywhere. */
async function removeLeftovers(folder: string, keptMs: number): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix));
  for (const name of names) {
    const place = path.join(folder, name);
    const it = await lstat(place).catch(() => undefined);
    const mine = process.getuid === undefined || it?.uid === process.getuid();
    if (it?.isDirectory() !== true || !mine || Date.now() - it.mtimeMs < keptMs) continue;
    await rm(place, { recursive: true, force: true }).catch(() => undefined);
  }
}

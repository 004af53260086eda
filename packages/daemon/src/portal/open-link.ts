import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import open from "open";

/** Long enough for a browser that has to start first. */
const keptMs = 30_000;

/**
 * Opens a link that is a secret in the person's browser. A program's arguments can be read by every process of the
 * machine, so the browser is given a file that only this user can read, and that leads on; the file goes after a while.
 */
export async function openSecretLink(link: string): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "federation-portal-"));
  const file = path.join(folder, "open.html");
  const target = JSON.stringify(link).replaceAll("<", "\\u003c");
  const page = `<!doctype html><meta charset="utf-8"><title>Federation</title><script>location.replace(${target})</script>\n`;
  await writeFile(file, page, { mode: 0o600, flag: "wx" });
  const started = await open(pathToFileURL(file).href);
  started.unref();
  const remove = () => rm(folder, { recursive: true, force: true });
  setTimeout(() => void remove(), keptMs).unref();
  process.once("exit", () => void remove());
}

/**
 * Tells when a source file of the logic has changed: for development.
 *
 * 1. Only sources count, not tests; a burst of changes is told once, with the first file of it.
 */
import { type FSWatcher, readdirSync, watch } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Log } from "@federation/runtime/ports";

const quietMs = 200;
const packages = fileURLToPath(new URL("../../../", import.meta.url));

/** `onChange` gets the file's path below `root`. */
export function watchSources(log: Log, onChange: (file: string) => void, root = packages): { close(): void } {
  let first: string | undefined;
  let timer: NodeJS.Timeout | undefined;

  function changed(folder: string, name: string | null): void {
    if (name === null || !/(?<!\.test|\.bench)\.ts$/.test(name)) return;
    first ??= relative(root, join(folder, name));
    clearTimeout(timer);
    timer = setTimeout(() => {
      const file = first ?? name;
      first = undefined;
      onChange(file);
    }, quietMs);
  }

  const watchers: FSWatcher[] = [];
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const folder = join(root, entry.name, "src");
    try {
      const watcher = watch(folder, { recursive: true }, (_, name) => changed(folder, name));
      watcher.on("error", (error) => log.warn({ folder, error }, "A folder of sources is no longer watched."));
      watchers.push(watcher);
    } catch {
      // A package without sources.
    }
  }
  log.info({ folders: watchers.length }, "The logic is reloaded when its sources change.");
  return {
    close() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

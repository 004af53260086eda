/** VS Code as it is served to a browser, with the extension installed and nothing of the user's. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { glob, mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { codeServerEntry } from "./install-code-server.ts";

export interface CodeServer {
  readonly origin: string;
  /** Of this process and all it started. */
  readonly pid: number;
  /** What the extension wrote into its log, in every window so far. */
  logFiles(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

const startMs = 60_000;

/** `dir` is removed by who made it. */
export async function startCodeServer(options: {
  readonly dir: string;
  readonly vsix: string;
  readonly settings: Readonly<Record<string, unknown>>;
}): Promise<CodeServer> {
  const { dir, vsix, settings } = options;
  const userData = path.join(dir, "data");
  const own = [
    "--config",
    path.join(dir, "config.yaml"),
    "--user-data-dir",
    userData,
    "--extensions-dir",
    path.join(dir, "extensions"),
  ];
  await mkdir(path.join(userData, "User"), { recursive: true });
  await writeFile(path.join(userData, "User/settings.json"), JSON.stringify(settings));
  await writeFile(path.join(dir, "config.yaml"), "");
  const run = { env: childEnvironment(dir), cwd: dir };
  await promisify(execFile)(process.execPath, [codeServerEntry, ...own, "--install-extension", vsix], run);
  const port = await freePort();
  const child: ChildProcess = spawn(
    process.execPath,
    [
      codeServerEntry,
      ...own,
      "--auth",
      "none",
      "--bind-addr",
      `127.0.0.1:${port}`,
      "--disable-telemetry",
      "--disable-update-check",
      "--disable-workspace-trust",
      "--disable-getting-started-override",
    ],
    { ...run, stdio: ["ignore", "pipe", "pipe"], detached: true },
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(-20_000);
    });
  const ended = once(child, "exit");
  const origin = `http://127.0.0.1:${port}`;
  const startedMs = performance.now();
  while (
    !(await fetch(`${origin}/healthz`).then(
      (it) => it.ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null || performance.now() - startedMs > startMs)
      throw new Error(`code-server did not start:\n${said}`);
    await sleep(100);
  }
  return {
    origin,
    pid: child.pid ?? 0,
    async logFiles() {
      const files: string[] = [];
      for await (const file of glob("logs/*/exthost*/federation.federation/*.log", { cwd: userData }))
        files.push(path.join(userData, file));
      return files.toSorted();
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        // Its own children (extension hosts) are in its group.
        process.kill(-(child.pid ?? 0), "SIGTERM");
        const late = setTimeout(() => process.kill(-(child.pid ?? 0), "SIGKILL"), 5_000);
        await ended;
        clearTimeout(late);
      }
    },
  };
}

/** Nothing of the user's editor, and a HOME of its own. */
function childEnvironment(dir: string): NodeJS.ProcessEnv {
  const { PATH, LANG } = process.env;
  return {
    PATH: `${path.dirname(process.execPath)}${path.delimiter}${PATH ?? ""}`,
    ...(LANG === undefined ? {} : { LANG }),
    HOME: dir,
    GIT_CONFIG_NOSYSTEM: "1",
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

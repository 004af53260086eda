/** The ways to replace the small server. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { startFixtureDaemon } from "@federation/daemon/testing";
import { federation } from "./programs.ts";
import { overStdio } from "./sessions.ts";
import type { SmallPlace, SmallReloader } from "./small-contender.ts";

/** The era that all of them know. */
const era = "2025-11-25";
const nothingMore = async (): Promise<void> => undefined;

/** Ours: the stub between the host and a daemon, which has the small server for its logic. No database, no model. */
export async function byStub({ dir }: SmallPlace): Promise<SmallReloader> {
  const daemon = startFixtureDaemon(
    "",
    { stateDir: dir, reload: { probationMs: 0 } },
    path.join(import.meta.dirname, "small-impl.ts"),
  );
  const tokenFile = path.join(dir, "token");
  await writeFile(tokenFile, "any\n", { mode: 0o600 });
  const ended = daemon.ended.then(({ stderr }) => Promise.reject(new Error(`the daemon ended: ${stderr.slice(-500)}`)));
  const port = await Promise.race([daemon.listening, ended]);
  ended.catch(() => undefined);
  const url = `ws://127.0.0.1:${port}/mcp`;
  return {
    trigger: "SIGHUP",
    open: overStdio({ args: [federation, "mcp", "--url", url, "--token-file", tokenFile] }, era),
    replace: async () => void daemon.child.kill("SIGHUP"),
    async close() {
      daemon.child.kill("SIGTERM");
      await daemon.ended;
    },
  };
}

/** The host ends its server and starts it again: a new process, a new `initialize`. */
export const byHost = ({ serverFile }: SmallPlace): SmallReloader => ({
  trigger: "the host",
  open: overStdio({ args: [serverFile] }, era),
  replace: (lane) => lane.restart(),
});

/** Node's own: ends the process when a file changed, and starts it again on the same pipes. */
export const byNodeWatch = ({ serverFile }: SmallPlace): SmallReloader => ({
  trigger: "a changed file",
  open: overStdio({ args: ["--watch", "--watch-preserve-output", serverFile] }, era),
  replace: nothingMore,
});

/** `nodemon`: as Node's own, for any program; the host's input goes straight to the server. */
export const byNodemon =
  (program: string) =>
  ({ serverFile }: SmallPlace): SmallReloader => ({
    trigger: "a changed file",
    open: overStdio({ args: [program, "--quiet", "--no-stdin", "--watch", serverFile, serverFile] }, era),
    replace: nothingMore,
  });

/** `mcpmon`: a proxy that watches the server's file. */
export const byMcpmon =
  (program: string) =>
  ({ serverFile }: SmallPlace): SmallReloader => ({
    trigger: "a changed file",
    open: overStdio({ args: [program, process.execPath, serverFile] }, era),
    replace: nothingMore,
  });

/** `reloaderoo`: a proxy with a tool that restarts the server. */
export const byReloaderoo =
  (program: string) =>
  ({ serverFile }: SmallPlace): SmallReloader => ({
    trigger: "its tool restart_server",
    open: overStdio({ args: [program, "proxy", "--quiet", "--", process.execPath, serverFile] }, era),
    replace: async (lane) => {
      const { isError, text } = await lane.call({ tool: "restart_server", arguments: {} });
      if (isError) throw new Error(text.slice(0, 160));
    },
  });

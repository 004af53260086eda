/** The ways to replace the small server that are not ours. */
import { overStdio } from "./sessions.ts";
import type { SmallPlace, SmallReloader } from "./small-contender.ts";

/** The era that all of them know. */
const era = "2025-11-25";
const nothingMore = async (): Promise<void> => undefined;

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

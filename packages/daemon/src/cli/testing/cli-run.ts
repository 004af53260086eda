/** Runs the command line program in this process, against what a test gives it. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import type { CliEnvironment } from "../../config/cli-env.ts";
import type { OpenLink } from "../../portal/open-link.ts";
import type { HostStreams } from "../../stub/host-pipe.ts";
import { runCli } from "../run-cli.ts";

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface CliRunOptions {
  readonly input?: string;
  readonly terminal?: boolean;
  readonly columns?: number;
  readonly environment?: Partial<CliEnvironment>;
  readonly interrupted?: AbortSignal;
  readonly host?: HostStreams;
  /** The person's browser; without it, opening one fails the test. */
  readonly openLink?: OpenLink;
  /** Called with all that was written so far, each time something is. */
  readonly onOutput?: (out: string) => void;
}

export const token = "a-token-for-tests";

/** A state folder with a `commander/cli.json`, as `dev` leaves one. */
export async function createCliFolder(url: string) {
  const stateFolder = await mkdtemp(join(tmpdir(), "federation-cli-"));
  const tokenFile = join(stateFolder, "token");
  await writeFile(tokenFile, `${token}\n`, { mode: 0o600 });
  await mkdir(join(stateFolder, "commander"));
  await writeFile(join(stateFolder, "commander", "cli.json"), JSON.stringify({ url, tokenFile }));

  async function run(argv: readonly string[], options: CliRunOptions = {}): Promise<CliResult> {
    let out = "";
    let err = "";
    const { terminal = false, columns } = options;
    const code = await runCli(argv, {
      environment: {
        url: undefined,
        tokenFile: undefined,
        ownerUrlFile: undefined,
        noColour: false,
        insecure: false,
        hasScreen: false,
        ...options.environment,
      },
      stateFolder,
      out: {
        write: (text) => {
          out += text;
          options.onOutput?.(out);
        },
        isTerminal: terminal,
        columns,
      },
      err: {
        write: (text) => {
          err += text;
        },
        isTerminal: false,
        columns: undefined,
      },
      readInput: async () => options.input ?? "",
      hostStreams: () => options.host ?? { input: Readable.from([]), output: new PassThrough(), abandon: () => {} },
      openLink: options.openLink ?? (() => Promise.reject(new Error("The test gave no browser."))),
      interrupted: options.interrupted ?? new AbortController().signal,
    });
    return { code, out, err };
  }

  return { stateFolder, tokenFile, run, remove: () => rm(stateFolder, { recursive: true, force: true }) };
}

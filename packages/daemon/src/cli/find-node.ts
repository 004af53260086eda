/**
 * Which node a command talks to: flags, then the environment, then a folder (`--config`), then the local mesh of
 * `pnpm dev`.
 */
import { readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { MeshError } from "@federation/core";
import { z } from "zod";
import type { CliEnvironment } from "../config/cli-env.ts";
import { loadNodeConfig, type NodeConfig, readSecretFile } from "../config/index.ts";

export interface NodeFlags {
  readonly url?: string | undefined;
  readonly tokenFile?: string | undefined;
  /** A join folder, its `node.yaml`, or a folder with a `cli.json`. */
  readonly config?: string | undefined;
}

export interface NodeAddress {
  readonly url: string;
  readonly tokenFile: string;
}

/** What `dev` leaves for the command line; `tokenFile` may be relative to it. */
const cliFileSchema = z.strictObject({ url: z.string().min(1), tokenFile: z.string().min(1) });
const cliFileName = "cli.json";

/**
 * @param localFolder the commander's folder in the state folder of `dev`.
 * @throws MeshError `unavailable` when nothing says where a node is, `config_invalid` for a folder that cannot be read.
 */
export function findNode(flags: NodeFlags, environment: CliEnvironment, localFolder: string): NodeAddress {
  const url = flags.url ?? (flags.config === undefined ? environment.url : undefined);
  const tokenFile = flags.tokenFile ?? (flags.config === undefined ? environment.tokenFile : undefined);
  if (url !== undefined && tokenFile !== undefined) return { url, tokenFile: resolve(tokenFile) };
  const found = readFolder(flags.config ?? localFolder);
  if (found !== undefined) return { url: url ?? found.url, tokenFile: resolve(tokenFile ?? found.tokenFile) };
  if (flags.config !== undefined) {
    throw new MeshError(
      "config_invalid",
      `--config: there is no node.yaml in ${flags.config}; name a node's join folder.`,
    );
  }
  const missing = url === undefined ? "Which node?" : `Which token opens ${url}?`;
  throw new MeshError(
    "unavailable",
    `${missing} Start the local mesh with "pnpm dev", name a join folder with --config, or give --url and --token-file.`,
  );
}

/** The token, read at the moment it is needed. @throws MeshError `unauthenticated` when there is none in the file. */
export function readToken(file: string): string {
  try {
    return readSecretFile(file, "--token-file");
  } catch (error) {
    throw new MeshError("unauthenticated", MeshError.from(error).message, { cause: error });
  }
}

function readFolder(path: string): NodeAddress | undefined {
  if (isLocalFolder(path)) return readCliFile(join(path, cliFileName));
  const configFile = configFileIn(path);
  return isFile(configFile) ? ofConfig(loadNodeConfig(configFile).config, configFile) : undefined;
}

/** The configuration in a join folder, or the file itself when one is named. */
export function configFileIn(path: string): string {
  return isFile(path) ? path : join(path, "node.yaml");
}

/** `path` is what `dev` leaves for its commander, and no join folder. */
export function isLocalFolder(path: string): boolean {
  return isFile(join(path, cliFileName));
}

function readCliFile(file: string): NodeAddress {
  try {
    const { url, tokenFile } = cliFileSchema.parse(JSON.parse(readFileSync(file, "utf8")));
    return { url, tokenFile: isAbsolute(tokenFile) ? tokenFile : join(dirname(file), tokenFile) };
  } catch (error) {
    throw new MeshError("config_invalid", `${file} cannot be read; start "pnpm dev" again, which writes it.`, {
      cause: error,
    });
  }
}

function ofConfig({ listen }: NodeConfig, configFile: string): NodeAddress {
  if (listen.port === 0) {
    throw new MeshError(
      "config_invalid",
      `${configFile}: "listen.port" is 0, so its port is known only when it runs; give --url.`,
    );
  }
  const everywhere = listen.host === "0.0.0.0" || listen.host === "::";
  const host = everywhere ? "127.0.0.1" : listen.host.includes(":") ? `[${listen.host}]` : listen.host;
  return { url: `ws://${host}:${listen.port}/mcp`, tokenFile: join(dirname(configFile), "secrets", "token") };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/**
 * Address and token of a way, as they are now.
 *
 * 1. What a workspace says is followed only when it is trusted, on this machine, and with a token of its own: a folder
 *    that somebody cloned must not send a secret anywhere.
 * 2. No address is given out that would send a token in plain text to another machine.
 * 3. Nothing read here is kept.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { MeshError } from "@federation/core";
import { z } from "zod";
import { addressProblem, isHere } from "./addresses.ts";
import { readJoinFolder } from "./join-folder.ts";
import { readTokenFile } from "./token-file.ts";
import type { Address, Way } from "./way.ts";

/** As `dev` writes it; `tokenFile` may be relative to it. */
const cliFileSchema = z.looseObject({ url: z.string().min(1).max(2048), tokenFile: z.string().min(1).max(4096) });

export interface Grounds {
  /** Whether the person trusts the workspace. */
  readonly trusted: boolean;
  /** The person's own setting, which no workspace can make; empty when not set. */
  readonly joinFolder: string;
  /** What the editor keeps for an address. */
  readonly storedToken: (url: string) => PromiseLike<string | undefined>;
}

/** @throws MeshError `config_invalid` or `unauthenticated`, saying what to do. */
export async function openWay(way: Way, grounds: Grounds): Promise<Address> {
  const { url, token } = await findNode(way, grounds);
  return { url, token: await token() };
}

/** The address alone, for who has a token of its own. @throws MeshError `config_invalid`, saying what to do. */
export async function wayUrl(way: Way, grounds: Grounds): Promise<string> {
  return (await findNode(way, grounds)).url;
}

interface Node {
  readonly url: string;
  readonly token: () => Promise<string>;
}

async function findNode(way: Way, grounds: Grounds): Promise<Node> {
  const named = placeOf(way);
  const ofWorkspace = named !== undefined && (way.kind === "local" || named !== grounds.joinFolder);
  if (ofWorkspace && !grounds.trusted)
    throw new MeshError(
      "config_invalid",
      `${named} is of a workspace that you do not trust; trust it, or name another.`,
    );
  const node = await readNode(way, grounds);
  if (ofWorkspace && !isHere(node.url))
    throw new MeshError(
      "config_invalid",
      `${named} names ${node.url}, which is not this machine; what a workspace says is followed on it only.`,
    );
  const problem = addressProblem(node.url);
  if (problem !== undefined) throw new MeshError("config_invalid", `${node.url}: ${problem}`);
  return node;
}

/** The file or folder that names the node. */
function placeOf(way: Way): string | undefined {
  return way.kind === "local" ? way.file : way.kind === "joinFolder" ? way.folder : undefined;
}

async function readNode(way: Way, { storedToken }: Grounds): Promise<Node> {
  switch (way.kind) {
    case "local": {
      const { url, tokenFile } = await readCliFile(way.file);
      // `.federation/commander/cli.json`: the token lies elsewhere in the mesh's own folder.
      const folder = path.dirname(path.dirname(way.file));
      return { url, token: () => readTokenFile(path.resolve(path.dirname(way.file), tokenFile), folder) };
    }
    case "joinFolder": {
      const { name, role, url, tokenFile } = await readJoinFolder(way.folder);
      if (role !== undefined && role !== "commander" && role !== "observer")
        throw new MeshError(
          "config_invalid",
          `${way.folder} is the join folder of ${name}, an agent (${role}): who connects with it speaks as that agent; name your own.`,
        );
      return { url, token: () => readTokenFile(tokenFile, way.folder) };
    }
    case "address":
      return {
        url: way.url,
        async token() {
          const token = await storedToken(way.url);
          if (token !== undefined) return token;
          throw new MeshError("unauthenticated", `No token is kept for ${way.url}; run “Federation: Connect”.`);
        },
      };
  }
}

async function readCliFile(file: string): Promise<z.infer<typeof cliFileSchema>> {
  try {
    return cliFileSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    throw new MeshError("config_invalid", `${file} cannot be read; start the mesh with: npx -y pnpm@12 dev`, { cause });
  }
}

/**
 * Address and token of a way, as they are now.
 *
 * 1. What a workspace says is followed on this machine only, and with a token of its own: a folder that somebody cloned
 *    must not send a secret anywhere.
 * 2. Nothing read here is kept.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { MeshError } from "@federation/core";
import { z } from "zod";
import { isLoopbackUrl } from "./addresses.ts";
import { readJoinFolder } from "./join-folder.ts";
import { readTokenFile } from "./token-file.ts";
import type { Address, Way } from "./way.ts";

/** As `dev` writes it; `tokenFile` may be relative to it. */
const cliFileSchema = z.looseObject({ url: z.string().min(1).max(2048), tokenFile: z.string().min(1).max(4096) });

/**
 * @param storedToken what the editor keeps for an address.
 * @throws MeshError `config_invalid` or `unauthenticated`, saying what to do.
 */
export async function openWay(
  way: Way,
  storedToken: (url: string) => PromiseLike<string | undefined>,
): Promise<Address> {
  switch (way.kind) {
    case "local":
      return await openLocal(way.file);
    case "joinFolder": {
      const { name, role, url, tokenFile } = await readJoinFolder(way.folder);
      if (role !== undefined && role !== "commander" && role !== "observer")
        throw new MeshError(
          "config_invalid",
          `${way.folder} is the join folder of ${name}, an agent (${role}): who connects with it speaks as that agent; name your own.`,
        );
      return { url, token: await readTokenFile(tokenFile, way.folder) };
    }
    case "address": {
      const token = await storedToken(way.url);
      if (token !== undefined) return { url: way.url, token };
      throw new MeshError("unauthenticated", `No token is kept for ${way.url}; run “Federation: Connect”.`);
    }
  }
}

async function openLocal(file: string): Promise<Address> {
  const { url, tokenFile } = await readCliFile(file);
  if (!isLoopbackUrl(url))
    throw new MeshError("config_invalid", `${file} names ${url}, which is not this machine; a local mesh is on it.`);
  // `.federation/commander/cli.json`: the token lies elsewhere in the mesh's own folder.
  const folder = path.dirname(path.dirname(file));
  return { url, token: await readTokenFile(path.resolve(path.dirname(file), tokenFile), folder) };
}

async function readCliFile(file: string): Promise<z.infer<typeof cliFileSchema>> {
  try {
    return cliFileSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    throw new MeshError("config_invalid", `${file} cannot be read; start the mesh with: npx -y pnpm@12 dev`, { cause });
  }
}

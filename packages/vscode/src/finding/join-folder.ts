/** What of a node's join folder a client needs: whose it is, and where it listens. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { actorNameSchema, MeshError, roleSchema } from "@federation/core";
import { parse } from "yaml";
import { z } from "zod";

/** The daemon checks all of it; here other keys are of no concern. */
const nodeFileSchema = z.looseObject({
  node: z.looseObject({ name: actorNameSchema }),
  profile: z.looseObject({ role: roleSchema.optional() }).optional(),
  listen: z
    .looseObject({
      host: z.string().min(1).max(255).default("127.0.0.1"),
      port: z.int().min(0).max(65_535).default(7400),
    })
    .prefault({}),
});

export interface JoinFolder {
  readonly name: string;
  /** What its file says, for people; undefined where it says nothing. */
  readonly role: z.infer<typeof roleSchema> | undefined;
  readonly url: string;
  readonly tokenFile: string;
}

/** @throws MeshError `config_invalid` that names the file and what to do. */
export async function readJoinFolder(folder: string): Promise<JoinFolder> {
  const file = path.join(folder, "node.yaml");
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new MeshError("config_invalid", `There is no ${file}; name the join folder of your node.`, { cause });
  });
  const { node, profile, listen } = parseFile(file, text);
  if (listen.port === 0)
    throw new MeshError(
      "config_invalid",
      `${file}: "listen.port" is 0, so its port is known only when it runs; set a port there, or give its address in the setting federation.url.`,
    );
  const everywhere = listen.host === "0.0.0.0" || listen.host === "::";
  const host = everywhere ? "127.0.0.1" : listen.host.includes(":") ? `[${listen.host}]` : listen.host;
  return {
    name: node.name,
    role: profile?.role,
    url: `ws://${host}:${listen.port}/mcp`,
    tokenFile: path.join(folder, "secrets", "token"),
  };
}

function parseFile(file: string, text: string): z.infer<typeof nodeFileSchema> {
  try {
    return nodeFileSchema.parse(parse(text));
  } catch (cause) {
    throw new MeshError("config_invalid", `${file} is no node's configuration; federationd --check says why.`, {
      cause,
    });
  }
}

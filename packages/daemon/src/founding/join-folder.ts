import { randomBytes } from "node:crypto";
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MeshError, type Role } from "@federation/core";
import { stringify } from "yaml";
import type { NodeFile } from "../config/index.ts";

/**
 * A join folder: all that `federationd --config DIR/node.yaml` needs to start a node on any machine.
 *
 * 1. It holds secrets: readable by its owner alone, written whole or not at all, never over an existing one.
 * 2. Its paths are relative: it works where it is copied to.
 */
export interface JoinFolder {
  readonly dir: string;
  readonly configFile: string;
  /** Bearer token for clients of this node. */
  readonly tokenFile: string;
  readonly broker: BrokerAccount;
}

/** What the broker must be told, so that the node can log in there. */
export interface BrokerAccount {
  readonly login: string;
  readonly passcode: string;
}

export interface JoinFolderContent {
  readonly name: string;
  readonly role: Role;
  readonly database: { readonly url: string; readonly password: string };
  readonly brokerUrls: readonly string[];
  readonly token: string;
  readonly listenPort: number;
  readonly inference: NonNullable<NodeFile["inference"]>;
  readonly profile: NonNullable<NodeFile["profile"]>;
}

export async function writeJoinFolder(dir: string, content: JoinFolderContent): Promise<JoinFolder> {
  if (
    await stat(dir).then(
      () => true,
      () => false,
    )
  )
    throw new MeshError("conflict", `${dir} exists already; name another folder with --out, or remove it.`);
  const draft = `${dir}.${process.pid}.new`;
  const passcode = randomBytes(32).toString("base64url");
  const node: NodeFile = {
    node: { name: content.name },
    profile: { ...content.profile, role: content.role },
    stateDir: "state",
    listen: { port: content.listenPort },
    database: { url: content.database.url, passwordFile: "secrets/database-password" },
    broker: { urls: [...content.brokerUrls], login: content.name, passcodeFile: "secrets/broker-passcode" },
    inference: content.inference,
  };
  try {
    await mkdir(join(draft, "secrets"), { recursive: true, mode: 0o700 });
    const secrets = {
      "database-password": content.database.password,
      "broker-passcode": passcode,
      token: content.token,
    };
    for (const [name, value] of Object.entries(secrets))
      await writeFile(join(draft, "secrets", name), `${value}\n`, { mode: 0o600 });
    await writeFile(
      join(draft, "node.yaml"),
      `# Node ${content.name}. Start it with: federationd --config node.yaml\n# This folder holds secrets; copy it to the node's machine and to nowhere else.\n${stringify(node)}`,
      { mode: 0o600 },
    );
    await rename(draft, dir);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw new MeshError("unavailable", `The join folder ${dir} cannot be written: ${String(error)}`, { cause: error });
  }
  return {
    dir,
    configFile: join(dir, "node.yaml"),
    tokenFile: join(dir, "secrets", "token"),
    broker: { login: content.name, passcode },
  };
}

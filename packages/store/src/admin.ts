import { createHash, randomBytes } from "node:crypto";
import {
  type ActorKind,
  actorNameSchema,
  type CharterParameters,
  MeshError,
  type Persona,
  type Role,
} from "@federation/core";
import pg from "pg";
import { asOwner } from "./migrate.ts";
import { toMeshError } from "./pg-errors.ts";
import { scramVerifier } from "./scram-verifier.ts";

/**
 * What only the owner of the database does: found the federation, add and remove nodes, issue tokens.
 *
 * 1. Logins get a random suffix: role names are shared by all databases of a server.
 * 2. Secrets are made here, returned once, and kept only as hashes (tokens) or by PostgreSQL itself (passwords).
 */
export interface CharterText {
  readonly articles: readonly {
    readonly id: string;
    readonly title: string;
    readonly principle: string;
    /** The layers that refuse what the article forbids. */
    readonly refusedBy: readonly ("grammar" | "gate" | "database")[];
    /** A vote may switch it off. */
    readonly optional: boolean;
    /** A change of it needs the commander's yes. */
    readonly entrenched: boolean;
    readonly text: string;
    readonly rationale: string;
  }[];
  readonly parameters: CharterParameters;
}

/** Makes the database `name` on the server of `adminUrl` unless it is there; answers its URL with the same login. */
export async function ensureDatabase(adminUrl: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: adminUrl });
  try {
    await client.connect();
    const known = await client.query("select 1 from pg_database where datname = $1", [name]);
    if (known.rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}`);
  } catch (error) {
    throw toMeshError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

export interface NewNode {
  readonly name: string;
  readonly kind: ActorKind;
  readonly role: Role;
  readonly persona: Persona;
}

export interface NodeCredentials {
  readonly actor: string;
  readonly login: string;
  /** The database password; shown once. */
  readonly password: string;
  /** Bearer token for clients of this node; shown once. */
  readonly token: string;
}

const secret = (): string => randomBytes(32).toString("base64url");

/** Makes an actor with a database login and a token. `conflict` when the name is taken. */
export async function addNode(ownerUrl: string, node: NewNode): Promise<NodeCredentials> {
  const name = actorNameSchema.safeParse(node.name);
  if (!name.success)
    throw new MeshError(
      "invalid_input",
      `"${node.name}" is no actor's name: use lower-case letters, digits and hyphens.`,
    );
  const password = secret();
  const token = secret();
  const login = `fed_${name.data.slice(0, 40).replaceAll("-", "_")}_${randomBytes(4).toString("hex")}`;
  await asOwner(ownerUrl, async (client) => {
    const inserted = await client.query(
      "insert into federation.actors (name, kind, role, persona) values ($1, $2, $3, $4) on conflict do nothing",
      [name.data, node.kind, node.role, JSON.stringify(node.persona)],
    );
    if (inserted.rowCount === 0)
      throw new MeshError(
        "conflict",
        `There is already an actor ${name.data}; choose another name, or remove it first.`,
      );
    await client.query(
      `create role ${pg.escapeIdentifier(login)} login password ${pg.escapeLiteral(scramVerifier(password))} in role federation_daemon connection limit 24`,
    );
    await client.query("insert into federation.nodes (actor, login) values ($1, $2)", [name.data, login]);
    await client.query("insert into federation.credentials (actor, token_sha256) values ($1, decode($2, 'hex'))", [
      name.data,
      tokenSha256(token),
    ]);
  });
  return { actor: name.data, login, password, token };
}

/** How a bearer token is kept and looked up. */
export function tokenSha256(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Drops the logins of this federation's nodes: roles outlive a dropped database. */
export async function dropLogins(ownerUrl: string): Promise<void> {
  await asOwner(ownerUrl, async (client) => {
    const logins = await client.query<{ login: string }>("select login from federation.nodes");
    // They own nothing and hold no right but their membership, which goes with them.
    for (const { login } of logins.rows) await client.query(`drop role ${pg.escapeIdentifier(login)}`);
  });
}

import { type ActorKind, defaultPersonas, MeshError, type Role } from "@federation/core";
import { addNode, adoptCharter, loadCharter, migrate } from "@federation/store";
import type { NodeFile, NodeProfile } from "../config/index.ts";
import { repository } from "../repository.ts";
import { type JoinFolder, writeJoinFolder } from "./join-folder.ts";

/** Founding a federation and adding nodes to it: what `federation init`, `federation node add` and `dev` all use. */
export interface FoundingTarget {
  /** The database with its owner's login. */
  readonly ownerUrl: string;
  /** The same database as nodes reach it, without a login; the owner's host unless told. */
  readonly nodeDatabaseUrl?: string;
  readonly brokerUrls: readonly string[];
}

export interface Founded {
  readonly applied: readonly string[];
  readonly functionsApplied: boolean;
  readonly charterVersion: number;
  /** What had been agreed and this build's charter no longer allows. */
  readonly dropped: readonly string[];
}

/** Schema, logins' group and charter. Repeating it changes nothing; a later build brings its own to a federation there is. */
export async function initFederation(ownerUrl: string): Promise<Founded> {
  const migrated = await migrate(ownerUrl, repository.migrations);
  const { version, dropped } = await adoptCharter(ownerUrl, await loadCharter(repository.charter));
  return { ...migrated, charterVersion: version, dropped };
}

export interface NodeRequest {
  readonly name: string;
  readonly role: Role;
  readonly profile?: NodeProfile;
  readonly inference?: NonNullable<NodeFile["inference"]>;
  readonly listenPort: number;
  /** The join folder to write. */
  readonly out: string;
}

/** An actor, its database login and token, and the join folder with its secrets. */
export async function addNodeToFederation(target: FoundingTarget, request: NodeRequest): Promise<JoinFolder> {
  const kind: ActorKind = request.role === "commander" || request.role === "observer" ? "human" : "agent";
  const inference = request.inference ?? request.profile?.inference ?? { mode: "none" };
  if (kind === "agent" && inference.mode === "none")
    throw new MeshError(
      "invalid_input",
      `An agent needs a model: give ${request.name} a profile with --profile, or a model with --model.`,
    );
  const credentials = await addNode(target.ownerUrl, {
    name: request.name,
    kind,
    role: request.role,
    persona: request.profile?.persona ?? defaultPersonas[request.role],
  });
  const url = new URL(target.nodeDatabaseUrl ?? target.ownerUrl);
  url.username = credentials.login;
  url.password = "";
  return await writeJoinFolder(request.out, {
    name: request.name,
    role: request.role,
    database: { url: url.href, password: credentials.password },
    brokerUrls: target.brokerUrls,
    token: credentials.token,
    listenPort: request.listenPort,
    inference,
    profile:
      request.profile === undefined
        ? {}
        : {
            hardware: request.profile.hardware,
            ...(request.profile.persona === undefined ? {} : { persona: request.profile.persona }),
          },
  });
}

import { createHash } from "node:crypto";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Role, roleSchema } from "@federation/core";
import { loadNodeConfig, loadNodeProfile, type NodeProfile } from "../config/index.ts";
import { brokerAccountLines } from "../founding/broker-account.ts";
import { addNodeToFederation, type FoundingTarget } from "../founding/found.ts";
import type { BrokerAccount } from "../founding/join-folder.ts";
import { repository } from "../repository.ts";
import { databaseFolder } from "./local-database.ts";
import { type LocalRepository, signingKeyFileOf } from "./local-repository.ts";

/** The state folder of `dev`: everything it keeps, in one ignored place. */
export interface NodePlan {
  readonly name: string;
  readonly role: Role;
  readonly profile: NodeProfile | undefined;
}

/** Three agents as the profiles say, further ones as developers, and the human. */
export function planNodes(agents: number): readonly NodePlan[] {
  const profiles = ["taichi-5090", "aorus-3090", "baby"].map((name) =>
    loadNodeProfile(join(repository.nodeProfiles, `${name}.yaml`)),
  );
  const named: readonly NodePlan[] = profiles.map((profile) => ({ name: profile.name, role: profile.role, profile }));
  const more = Array.from(
    { length: agents - 3 },
    (_, i): NodePlan => ({ name: `developer-${i + 4}`, role: "developer", profile: undefined }),
  );
  return [...named, ...more, { name: "commander", role: "commander", profile: undefined }];
}

export async function prepareStateFolder(stateDir: string, fresh: boolean): Promise<void> {
  if (fresh) {
    await rm(await databaseFolder(stateDir), { recursive: true, force: true });
    // Models are dear to fetch and say nothing of what happened: they stay.
    for (const part of ["nodes", "logs", "accounts.json", "commander", "repositories"])
      await rm(join(stateDir, part), { recursive: true, force: true });
  }
  await mkdir(join(stateDir, "logs"), { recursive: true, mode: 0o755 });
}

/** Join folders belong to one database: those of another must not be taken for its own. */
export function nodesFolder(stateDir: string, ownerUrl: string, embedded: boolean): string {
  if (embedded) return join(stateDir, "nodes");
  const { host, pathname } = new URL(ownerUrl);
  return join(stateDir, "nodes", createHash("sha256").update(`${host}${pathname}`).digest("hex").slice(0, 12));
}

export interface JoinedNode {
  readonly name: string;
  readonly role: Role;
  readonly configFile: string;
  readonly tokenFile: string;
  readonly broker: BrokerAccount;
  /** Its login at the database. */
  readonly databaseLogin: string;
}

/** Adds the nodes that have no join folder yet. `broker`: one account for all, where the broker has no account per node. */
export async function joinNodes(
  plans: readonly NodePlan[],
  options: { readonly target: FoundingTarget; readonly dir: string; readonly socketPath: string },
): Promise<readonly JoinedNode[]> {
  await mkdir(options.dir, { recursive: true });
  const joined: JoinedNode[] = [];
  for (const plan of plans) {
    const out = join(options.dir, plan.name);
    if (!(await isThere(out)))
      await addNodeToFederation(options.target, {
        name: plan.name,
        role: plan.role,
        ...(plan.profile === undefined ? {} : { profile: plan.profile }),
        inference: plan.role === "commander" ? { mode: "none" } : { mode: "shared", socketPath: options.socketPath },
        listenPort: 0,
        out,
      });
    joined.push({
      name: plan.name,
      role: roleSchema.parse(plan.role),
      configFile: join(out, "node.yaml"),
      tokenFile: join(out, "secrets", "token"),
      databaseLogin: new URL(loadNodeConfig(join(out, "node.yaml"), {}).config.database.url).username,
      broker: { login: plan.name, passcode: (await readFile(join(out, "secrets", "broker-passcode"), "utf8")).trim() },
    });
  }
  return joined;
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/**
 * Addresses that are new at every start, as overrides of a node's configuration. `shared`: one account of the user's
 * broker for all nodes, with its passcode in a file.
 */
export function nodeOverrides(
  node: JoinedNode,
  at: {
    readonly ownerUrl: string;
    readonly brokerUrl: string;
    readonly socketPath: string;
    readonly shared: { readonly login: string; readonly passcodeFile: string } | undefined;
    readonly repository: LocalRepository | undefined;
  },
): Readonly<Record<string, string>> {
  const url = new URL(at.ownerUrl);
  url.username = node.databaseLogin;
  url.password = "";
  return {
    FEDERATION_DATABASE_URL: url.href,
    FEDERATION_BROKER_URLS: at.brokerUrl,
    ...(node.role === "commander" ? {} : { FEDERATION_INFERENCE_SOCKET_PATH: at.socketPath }),
    ...(at.repository === undefined || node.role === "commander"
      ? {}
      : {
          FEDERATION_GIT_REPOSITORIES: `${at.repository.name}=${at.repository.clone}`,
          FEDERATION_GIT_SIGNING_KEY_FILE: signingKeyFileOf(node),
        }),
    ...(at.shared === undefined
      ? {}
      : { FEDERATION_BROKER_LOGIN: at.shared.login, FEDERATION_BROKER_PASSCODE_FILE: at.shared.passcodeFile }),
  };
}

/** The account that a broker URL of the user's names, with its passcode put into a file for the nodes. */
export async function sharedAccount(
  stateDir: string,
  brokerUrl: URL | undefined,
): Promise<{ readonly login: string; readonly passcodeFile: string } | undefined> {
  if (brokerUrl === undefined || brokerUrl.username === "") return undefined;
  const passcodeFile = join(stateDir, "broker-passcode");
  await writeFile(passcodeFile, decodeURIComponent(brokerUrl.password), { mode: 0o600 });
  return { login: decodeURIComponent(brokerUrl.username), passcodeFile };
}

/** What a broker of the user's must be told of the nodes, as `federation node add` prints it. Holds passcodes. */
export async function writeAccountLines(stateDir: string, nodes: readonly JoinedNode[]): Promise<string> {
  const file = join(stateDir, "broker-accounts.txt");
  const lines = nodes.flatMap((node) =>
    brokerAccountLines(node.broker).map((it) => `${it.file.padEnd(18)}  ${it.line}`),
  );
  await writeFile(file, `${lines.join("\n")}\n`, { mode: 0o600 });
  return file;
}

/** Where the command line finds the mesh of this folder. */
export async function writeCliTarget(
  stateDir: string,
  target: { readonly url: string; readonly tokenFile: string },
): Promise<void> {
  await mkdir(join(stateDir, "commander"), { recursive: true, mode: 0o700 });
  await writeFile(join(stateDir, "commander", "cli.json"), `${JSON.stringify(target)}\n`, { mode: 0o600 });
}

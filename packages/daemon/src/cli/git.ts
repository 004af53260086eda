/** `federation git …`: puts the guard into a repository and asks it. */
import { access } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { MeshError } from "@federation/core";
import { createGuard, install, isBare, printed, status, uninstall } from "@federation/git-guard";
import { callersEnvironment } from "../config/cli-env.ts";
import { registryOf } from "../git/claim-registry.ts";
import { ensureSigningKey } from "../git/signing-key.ts";
import { repository } from "../repository.ts";
import { cliExitCodes } from "./exit-codes.ts";
import { findNode } from "./find-node.ts";
import type { Given } from "./given.ts";
import { fields, table } from "./paper.ts";
import type { CliProgram } from "./program.ts";
import type { CliSession } from "./session.ts";

export function addGitCommands(program: CliProgram): void {
  const git = program.group("git");

  program.does(
    git
      .command("install")
      .description("Sets the hooks of a clone, or of a server's bare repository, and registers the key that signs.")
      .argument("[repository]", "a folder inside it; this one when not given")
      .option("--server", "this is where others push to: judge what is pushed", false)
      .option("--actor <actor>", "who commits in this clone; the node's own actor when not given")
      .option("--key <file>", "the private SSH key that signs; made beside the node's token when not given")
      .option("--this-worktree", "only for this worktree of the clone")
      .option(
        "--reserved <pattern>",
        "on a server: refs that move only to commits a human signed; may be repeated",
        collect,
      ),
    async (session, given) => {
      const folder = resolve(given.text("repository"));
      const reserved = given.list("reserved");
      const command = hookCommand(session);
      refuseMixedSides(given);
      if (given.flag("server")) {
        const done = await install({
          repository: folder,
          command,
          sides: ["server"],
          // Those that stand stay, unless others are named.
          ...(reserved.length === 0 ? {} : { reserved }),
        });
        session.print(done, () => `The server's guard stands in ${done.hooks}.`);
        return cliExitCodes.ok;
      }
      // Before anything is made or registered.
      if (await isBare(folder))
        throw new MeshError("invalid_input", "Nobody commits in a bare repository; install it with --server.");
      const named = await namedKey(given);
      return session.withNode(async (client) => {
        const own = (await client.call("GetStatus", {}, session.callOptions)).node;
        const actor = given.maybe("actor") ?? own;
        const keyFile = named ?? resolve(dirname(addressOf(session).tokenFile), `signing-key-${actor}`);
        const key = await ensureSigningKey(keyFile, actor);
        await client.call("AddSigningKey", { actor, ...key }, session.callOptions);
        const onlyThisWorktree = given.flag("thisWorktree");
        const done = await install({ repository: folder, command, actor: { name: actor, keyFile, onlyThisWorktree } });
        session.print({ ...done, actor, fingerprint: key.fingerprint }, () =>
          [
            `${actor} commits here under a claim, signed with ${key.fingerprint}.`,
            ...done.chained.map((name) => `The hook ${name} that was here before is still run.`),
          ].join("\n"),
        );
        return cliExitCodes.ok;
      });
    },
  );

  program.does(
    git
      .command("uninstall")
      .description("Takes the guard out of a repository and leaves it as it was found.")
      .argument("[repository]", "a folder inside it; this one when not given"),
    async (session, given) => {
      const left = await uninstall(resolve(given.text("repository")));
      session.print({ left }, () => ["The guard is out.", ...left].join("\n"));
      return cliExitCodes.ok;
    },
  );

  program.does(
    git
      .command("status")
      .description("Says whether the guard is in force in a repository, and what was changed about it.")
      .argument("[repository]", "a folder inside it; this one when not given"),
    async (session, given) => {
      const found = await status(resolve(given.text("repository")));
      session.print(found, (paper) =>
        [
          fields(paper, [
            ["in force", found.inForce],
            ["sides", found.sides.join(", ")],
            ["actor", found.actor],
            ["reserved", found.reserved.join(", ")],
          ]),
          table(
            paper,
            ["HOOK", "STATE", "CHAINED"],
            found.hooks.map((it) => [it.name, it.state, it.chained]),
            "No hooks.",
          ),
          ...found.problems,
        ].join("\n"),
      );
      return found.inForce ? cliExitCodes.ok : cliExitCodes.failed;
    },
  );

  program.does(
    git
      .command("check")
      .description("Says what the server would say of a commit, or of all that no remote has yet.")
      .argument("[revision]", "a commit; everything unpushed when not given")
      .option("--repository <folder>", "a folder inside it; this one when not given"),
    (session, given) =>
      session.withNode(async (client) => {
        const guard = createGuard(registryOf(client));
        const place = { cwd: resolve(given.maybe("repository") ?? "."), environment: callersEnvironment() };
        const revision = given.maybe("revision");
        const answer = await (revision === undefined ? guard.checkUnpushed(place) : guard.checkCommit(place, revision));
        session.print(answer, () => (answer.ok && answer.lines.length === 0 ? "Lawful." : printed(answer).join("\n")));
        return answer.ok ? cliExitCodes.ok : cliExitCodes.failed;
      }),
  );
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** What would be passed over in silence is refused: somebody relies on it. */
function refuseMixedSides(given: Given): void {
  if (!given.flag("server")) {
    if (given.list("reserved").length > 0)
      throw new MeshError("invalid_input", "--reserved is for a server's repository; give --server too.");
    return;
  }
  const ofClone: readonly (readonly [string, boolean])[] = [
    ["--actor", given.maybe("actor") !== undefined],
    ["--key", given.maybe("key") !== undefined],
    ["--this-worktree", given.flag("thisWorktree")],
  ];
  const wrong = ofClone.find(([, there]) => there);
  if (wrong !== undefined)
    throw new MeshError("invalid_input", `${wrong[0]} is for a clone: nobody commits in a server's repository.`);
}

/** A key that somebody names is theirs and there already; a slip of the pen makes no new one. */
async function namedKey(given: Given): Promise<string | undefined> {
  const name = given.maybe("key");
  if (name === undefined) return undefined;
  const file = resolve(name);
  await access(file).catch((cause: unknown) => {
    throw new MeshError("invalid_input", `There is no key ${file}.`, { cause });
  });
  return file;
}

const localFolder = ({ world }: CliSession): string => join(world.stateFolder, "commander");

function addressOf(session: CliSession) {
  return findNode(session.flags, session.world.environment, localFolder(session));
}

/** What the hooks start, with the same node as this command and by absolute paths: git runs them from elsewhere. */
function hookCommand(session: CliSession): readonly string[] {
  const { config, url, tokenFile } = session.flags;
  const program = [process.execPath, repository.gitHook];
  if (config !== undefined) return [...program, "--config", resolve(config)];
  if (url === undefined && tokenFile === undefined && session.world.environment.url === undefined)
    // The file there is written anew at every start of the local mesh, whose ports change.
    return [...program, "--config", localFolder(session)];
  const address = addressOf(session);
  return [...program, "--url", address.url, "--token-file", address.tokenFile];
}

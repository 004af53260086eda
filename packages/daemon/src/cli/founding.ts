/** `federation init`, `federation node add`, `federation db …`: what is done with the owner's login of the database. */
import { existsSync, readFileSync } from "node:fs";
import { access, constants, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { actorNameSchema, MeshError, roleSchema } from "@federation/core";
import { migrationStatus } from "@federation/store";
import type { Command } from "commander";
import { loadNodeProfile } from "../config/index.ts";
import { brokerAccountLines } from "../founding/broker-account.ts";
import { addNodeToFederation, initFederation } from "../founding/found.ts";
import type { JoinFolder } from "../founding/join-folder.ts";
import { repository } from "../repository.ts";
import { cliExitCodes } from "./exit-codes.ts";
import type { Given } from "./given.ts";
import { fields } from "./paper.ts";
import type { CliProgram } from "./program.ts";
import type { CliSession } from "./session.ts";

const defaultPort = 7400;

export function addFoundingCommands(program: CliProgram): void {
  const init = withOwner(
    program.root
      .command("init")
      .description("Founds a federation in a database: schema, charter, and the human commander with a join folder."),
  );
  withJoinFolder(init).option("--commander <name>", "name of the human actor", "commander");
  program.does(init, async (session, given) => {
    const ownerUrl = ownerUrlOf(session, given);
    const name = given.maybe("commander") ?? "commander";
    const place = await placeOf(name, given);
    refuseWorkspace(place.out);
    const target = targetOf(ownerUrl, given);
    const founded = await initFederation(ownerUrl);
    session.say(
      `The schema is laid (${founded.applied.length} migrations applied), charter version ${founded.charterVersion} is in force.`,
    );
    const folder = await addNodeToFederation(target, { name, role: "commander", ...place });
    return tellJoined(session, name, folder);
  });

  const add = withOwner(
    program
      .group("node")
      .command("add <name>")
      .description("Adds a node: its actor, its database login, its token, and a join folder to start it with."),
  );
  withJoinFolder(add)
    .requiredOption("--role <role>", `one of ${roleSchema.options.join(", ")}`)
    .option(
      "--profile <file>",
      "hardware, model and persona, as in deploy/nodes; that of the same name when there is one",
    )
    .option("--model <alias>", "model of the catalogue, or a GGUF file, on the CPU: instead of a profile's");
  program.does(add, async (session, given) => {
    const name = given.text("name");
    const role = roleSchema.safeParse(given.maybe("role"));
    if (!role.success) throw new MeshError("invalid_input", `--role must be one of ${roleSchema.options.join(", ")}.`);
    const ownerUrl = ownerUrlOf(session, given);
    const place = await placeOf(name, given);
    if (role.data === "commander") refuseWorkspace(place.out);
    const model = given.maybe("model");
    const profile = given.maybe("profile") ?? shippedProfile(name);
    const folder = await addNodeToFederation(targetOf(ownerUrl, given), {
      name,
      role: role.data,
      ...(profile === undefined ? {} : { profile: loadNodeProfile(profile) }),
      ...(model === undefined
        ? {}
        : {
            inference: { mode: "own", model },
          }),
      ...place,
    });
    return tellJoined(session, name, folder);
  });

  const db = program.group("db");
  program.does(
    withOwner(
      db
        .command("migrate")
        .description(
          "Brings the database to this build's schema, all of it or nothing, and the charter to its articles.",
        ),
    ),
    async (session, given) => {
      const done = await initFederation(ownerUrlOf(session, given));
      session.print(done, () =>
        [
          done.applied.length === 0 && !done.functionsApplied
            ? "The schema was current."
            : `${done.applied.length} migrations applied${done.functionsApplied ? ", functions made again" : ""}.`,
          `Charter version ${done.charterVersion} is in force.`,
          ...done.dropped.map((what) => `No longer possible: ${what}.`),
        ].join("\n"),
      );
      return cliExitCodes.ok;
    },
  );
  program.does(
    withOwner(db.command("status").description("Compares the database's schema with this build's.")),
    async (session, given) => {
      const status = await migrationStatus(ownerUrlOf(session, given), repository.migrations);
      const current = status.version === status.latest && status.functionsCurrent;
      session.print({ ...status, current }, (paper) =>
        fields(paper, [
          ["schema version", `${status.version} of ${status.latest}`],
          ["functions", status.functionsCurrent ? "current" : "of another build"],
          ["oldest build served", status.oldestBuild],
          ["to do", current ? "nothing" : "federation db migrate"],
        ]),
      );
      return current ? cliExitCodes.ok : cliExitCodes.failed;
    },
  );
}

function withOwner(command: Command): Command {
  return command
    .option("--database-url <url>", "the database with its owner's login; seen by whoever lists processes")
    .option("--database-url-file <file>", "a file with that URL (FEDERATION_OWNER_URL_FILE)");
}

function withJoinFolder(command: Command): Command {
  return command
    .option("--broker-url <url>", "broker as the node reaches it; may be repeated", collect, [])
    .option(
      "--node-database-url <url>",
      "the database as the node reaches it, without a login; the owner's address when not given",
    )
    .option("--port <port>", `port of the node's own server (${defaultPort})`)
    .option("--out <dir>", "where to write the join folder; a folder named after the node when not given");
}

/** The profile in deploy/nodes that is named like the node. */
function shippedProfile(name: string): string | undefined {
  const file = actorNameSchema.safeParse(name).success ? join(repository.nodeProfiles, `${name}.yaml`) : undefined;
  return file !== undefined && existsSync(file) ? file : undefined;
}

/**
 * Where the node listens and where its join folder goes. Checked before anything is registered: a folder that cannot
 * be written then would lose the only copy of the node's secrets.
 */
async function placeOf(name: string, given: Given): Promise<{ readonly listenPort: number; readonly out: string }> {
  const listenPort = given.whole("port") ?? defaultPort;
  if (listenPort < 0 || listenPort > 65_535)
    throw new MeshError("invalid_input", `--port must be from 0 to 65535, not ${listenPort}.`);
  const out = resolve(given.maybe("out") ?? name);
  const there = await stat(out).then(
    () => true,
    () => false,
  );
  if (there) throw new MeshError("conflict", `${out} exists already; name another folder with --out, or remove it.`);
  await access(dirname(out), constants.W_OK).catch((cause: unknown) => {
    throw new MeshError("config_invalid", `${dirname(out)} is not there or cannot be written; make it first.`, {
      cause,
    });
  });
  return { listenPort, out };
}

/** The commander's credential is never kept where agents work: whatever reads a workspace could then act as the human. */
function refuseWorkspace(out: string): void {
  for (let at = dirname(out); ; at = dirname(at)) {
    if (existsSync(join(at, ".git")))
      throw new MeshError(
        "config_invalid",
        `${out} lies in the git working tree ${at}, where agents may read it; name another place for the commander's join folder with --out.`,
      );
    if (at === dirname(at)) return;
  }
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

function ownerUrlOf({ world }: CliSession, given: Given): string {
  const file = given.maybe("databaseUrlFile") ?? world.environment.ownerUrlFile;
  const url = given.maybe("databaseUrl") ?? (file === undefined ? undefined : readUrlFile(file));
  if (url === undefined)
    throw new MeshError("invalid_input", "Name the database with --database-url-file or --database-url.");
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol))
    throw new MeshError(
      "invalid_input",
      "The database must be a URL like postgresql://owner:password@host:5432/federation.",
    );
  return url;
}

function readUrlFile(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new MeshError("invalid_input", `The file ${file} cannot be read.`, { cause: error });
  }
}

function targetOf(ownerUrl: string, given: Given) {
  const nodeDatabaseUrl = given.maybe("nodeDatabaseUrl");
  const brokerUrls = given.list("brokerUrl");
  if (brokerUrls.length === 0)
    throw new MeshError(
      "invalid_input",
      "Name the broker with --broker-url, for example stomp+ssl://broker.example:61614.",
    );
  return { ownerUrl, brokerUrls, ...(nodeDatabaseUrl === undefined ? {} : { nodeDatabaseUrl }) };
}

function tellJoined(session: CliSession, name: string, folder: JoinFolder): typeof cliExitCodes.ok {
  const lines = brokerAccountLines(folder.broker);
  session.print({ node: name, folder: folder.dir, config: folder.configFile, broker: lines }, () =>
    [
      `${name} is added. Its join folder holds secrets: ${folder.dir}`,
      `Start it with: federationd --config ${folder.configFile}`,
      "The broker needs its account:",
      ...lines.map(({ file, line }) => `  ${file.padEnd(18)}  ${line}`),
    ].join("\n"),
  );
  return cliExitCodes.ok;
}

/**
 * The command line program, but for the process around it.
 *
 * 1. Commands are the rows of `ways.ts`, put into commander; the few others stand beside them here.
 * 2. It returns an exit code and throws nothing; what it started is closed when it returns.
 */
import { MeshError } from "@federation/core";
import { Command, CommanderError } from "commander";
import { buildVersion } from "../repository.ts";
import { addCallCommand } from "./call.ts";
import { addDoctorCommand } from "./doctor.ts";
import { type CliExitCode, cliExitCodes, exitCodeHelp, exitCodeOf } from "./exit-codes.ts";
import { addFoundingCommands } from "./founding.ts";
import { addGitCommands } from "./git.ts";
import { type Given, givenTo } from "./given.ts";
import { addMcpCommand } from "./mcp.ts";
import { addModelCommands } from "./model.ts";
import { addPortalCommand } from "./portal.ts";
import type { CliProgram } from "./program.ts";
import { addReloadCommand } from "./reload.ts";
import { type CliSession, type CliWorld, createSession, type GlobalFlags, tellError } from "./session.ts";
import type { Way } from "./way.ts";
import { ways } from "./ways.ts";

const groups: Readonly<Record<string, string>> = {
  message: "One message.",
  conversation: "Conversations, and the messages in them.",
  "dead-letter": "Deliveries that were given up.",
  mission: "Objectives and what the team makes of them.",
  proposal: "Proposals before the members of a mission.",
  task: "Tasks: who does what, and what came of it.",
  charter: "The law: what is in force, and how it changes.",
  motion: "Motions: what binds the whole federation.",
  decision: "Decisions on record, and those of the whole federation.",
  verdict: "What the law decided.",
  incident: "What went wrong.",
  lesson: "What was learnt.",
  claim: "Claims on tasks, as git asks for them.",
  key: "SSH keys that sign actors' commits.",
  git: "Claim before you code, in a git repository.",
  model: "Models of this machine.",
  node: "Nodes of the federation.",
  actor: "Actors without a daemon, who come in from outside.",
  token: "Bearer tokens: who may open a session, and for how long.",
  approval: "Questions to a person, answered once.",
  turn: "Turns of models, laid open.",
  cost: "What turns cost.",
  reload: "Replaces the logic of nodes while their sessions and models stay, and waits for the end.",
  db: "The schema of the database.",
};

/** @param argv what follows the program's name. */
export async function runCli(argv: readonly string[], world: CliWorld): Promise<CliExitCode> {
  let exitCode: CliExitCode = cliExitCodes.ok;
  let flags: GlobalFlags = { json: argv.includes("--json"), color: true };
  const root = createRoot(world);
  const program: CliProgram = {
    root,
    group: (name) =>
      root.commands.find((command) => command.name() === name) ??
      root
        .command(name)
        .description(groups[name] ?? "")
        .helpCommand(false),
    does: (command, action) =>
      void command.action(async () => {
        flags = command.optsWithGlobals();
        exitCode = await action(createSession(world, flags), givenTo(command));
      }),
  };
  for (const way of ways) addWay(program, way);
  addCallCommand(program);
  addMcpCommand(program);
  addPortalCommand(program);
  addModelCommands(program);
  addFoundingCommands(program);
  addGitCommands(program);
  addDoctorCommand(program);
  addReloadCommand(program);
  try {
    await root.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? cliExitCodes.ok : cliExitCodes.usage;
    if (world.interrupted.aborted) return cliExitCodes.interrupted;
    const error = MeshError.from(thrown);
    tellError(world, flags.json, error);
    return exitCodeOf(error.code);
  }
}

function createRoot(world: CliWorld): Command {
  return new Command("federation")
    .description("Talks to a node of the Federation, by default to your own on this machine.")
    .version(buildVersion, "--version")
    .option("--url <url>", "address of the node, e.g. ws://127.0.0.1:7400/mcp (FEDERATION_URL)")
    .option("--token-file <file>", "file with its bearer token (FEDERATION_TOKEN_FILE)")
    .option("--config <path>", "join folder of the node, instead of both")
    .option("--json", "one line of JSON per answer or event", false)
    .option("--no-color", "no colours (NO_COLOR); none are used when output is not a terminal")
    .option("--timeout <seconds>", "how long to wait for an answer (30)")
    .option("--call-id <id>", "repeat a call whose answer was lost: it happens once")
    .addHelpText("after", `\nA text of "-" is read from standard input.\n\n${exitCodeHelp}`)
    .showHelpAfterError('(see "federation --help")')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => world.out.write(text),
      writeErr: (text) => world.err.write(text),
      getOutHelpWidth: () => world.out.columns ?? 100,
      getErrHelpWidth: () => world.err.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

function addWay(program: CliProgram, way: Way): void {
  const [first = "", second] = way.path;
  const parent = second === undefined ? program.root : program.group(first);
  const command = parent.command(second ?? first).description(way.doc);
  for (const param of way.params) command.argument(param);
  for (const [flags, description, repeat] of way.options) {
    if (repeat === "many") command.option(flags, `${description}; may be repeated`, collect, []);
    else command.option(flags, description);
  }
  program.does(command, async (session, typed) => {
    const given = await withStandardInput(typed, way, session);
    return session.withNode(async (client) => {
      const follow = await way.follow(client, given);
      if (follow !== undefined) return session.follow(client, follow);
      const asked = way.ask(client, given, session.callOptions);
      const [answer] = await Promise.all([
        asked,
        way.control === "ListEvents" ? session.knowActors(client) : undefined,
      ]);
      session.print(answer.data, answer.text);
      if (answer.follow !== undefined) return session.follow(client, answer.follow);
      return answer.failed ? cliExitCodes.failed : cliExitCodes.ok;
    });
  });
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** A last, wordy argument of `-` stands for standard input. */
async function withStandardInput(given: Given, way: Way, { world }: CliSession): Promise<Given> {
  const last = way.params.at(-1) ?? "";
  const name = /^[<[](.*)\.\.\.[>\]]$/.exec(last)?.[1];
  if (name === undefined || given.text(name) !== "-") return given;
  const text = (await world.readInput()).trimEnd();
  return { ...given, text: (argument) => (argument === name ? text : given.text(argument)) };
}

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { MeshError } from "@federation/core";
import { Command, InvalidArgumentError } from "commander";
import { repository } from "../repository.ts";

export interface DevOptions {
  readonly mission: string | undefined;
  readonly once: boolean;
  readonly json: boolean;
  readonly fresh: boolean;
  /** Agents; the human's node comes on top. */
  readonly nodes: number;
  readonly seed: number | undefined;
  readonly model: string;
  readonly databaseUrl: string | undefined;
  readonly brokerUrl: string | undefined;
  /** A git repository of the user's, of which the agents work on a clone. */
  readonly repo: string | undefined;
  readonly stateDir: string;
  /** Nodes replace their logic when its sources change. */
  readonly watch: boolean;
  /** Opens the portal in the browser. */
  readonly open: boolean;
}

const whole =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}`);
    return value;
  };

/** Reads the command line. Prints help or a usage error itself and ends the process then. */
export function parseDevOptions(argv: readonly string[]): DevOptions {
  const command = new Command("dev")
    .description("The whole mesh on this machine: PostgreSQL, a broker, a model, three agents and you.")
    .option("--mission <text>", "objective to start with")
    .option("--mission-file <file>", "read the objective from a file")
    .option(
      "--once",
      "end when the mission closes, print its report; exit code 0 when it has a result, whose outcome the report tells",
      false,
    )
    .option("--json", "one event per line, and last the report", false)
    .option("--fresh", "forget everything kept in the state folder first", false)
    .option("--nodes <n>", "number of agents; further ones than three are developers", whole(3, 16), 3)
    .option("--seed <n>", "seed of the models' choices", whole(0, 2_147_483_647))
    .option("--model <alias>", "alias of the model catalogue, a GGUF file, or fixture", "smollm2-135m-instruct")
    .option("--database-url <url>", "a PostgreSQL database of yours, with its owner's login")
    .option("--broker-url <url>", "an ActiveMQ of yours; with login:passcode@ all nodes share that account")
    .option(
      "--repo <dir>",
      "a git repository: the mission's result is committed in a clone of it, signed by its author",
    )
    .option("--state <dir>", "folder to keep state in", resolve(repository.root, ".federation"))
    .option("--watch", "replace the nodes' logic whenever its source files change", false)
    .option("--open", "open the portal in your browser when the mesh is up", false)
    .helpOption("-h, --help", "show this help")
    .addHelpText(
      "after",
      `
Ctrl-C stops everything; starting again resumes an unfinished mission.
Exit codes: 0 done, 1 the mission ended without a result, 2 wrong usage, 3 something could not be started, 130 interrupted.`,
    )
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? 0 : 2);
    });
  command.parse([...argv], { from: "user" });
  const given = command.opts<{
    mission?: string;
    missionFile?: string;
    once: boolean;
    json: boolean;
    fresh: boolean;
    nodes: number;
    seed?: number;
    model: string;
    databaseUrl?: string;
    brokerUrl?: string;
    repo?: string;
    state: string;
    watch: boolean;
    open: boolean;
  }>();
  if (given.mission !== undefined && given.missionFile !== undefined)
    command.error("error: give --mission or --mission-file, not both");
  if (given.fresh && given.databaseUrl !== undefined)
    command.error("error: --fresh forgets the local state only; for a database of yours, give another one");
  if (given.once && given.mission === undefined && given.missionFile === undefined)
    command.error("error: --once needs --mission or --mission-file");
  return {
    mission: given.missionFile === undefined ? given.mission : readMission(given.missionFile),
    once: given.once,
    json: given.json,
    fresh: given.fresh,
    nodes: given.nodes,
    seed: given.seed,
    model: given.model,
    databaseUrl: given.databaseUrl,
    brokerUrl: given.brokerUrl,
    repo: given.repo === undefined ? undefined : resolve(given.repo),
    stateDir: resolve(given.state),
    watch: given.watch,
    open: given.open,
  };
}

function readMission(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new MeshError("invalid_input", `The mission file ${file} cannot be read.`, { cause: error });
  }
}

/** The daemon's command line: one node from one configuration file. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { MeshError } from "@federation/core";
import { Command, CommanderError } from "commander";
import { z } from "zod";
import { type LoadedConfig, loadNodeConfig, nodeOptionTable } from "../config/index.ts";
import { repository } from "../repository.ts";
import { exitCodes } from "../substrate/impl-protocol.ts";

const implEntry = fileURLToPath(new URL("../impl/main.ts", import.meta.url));

const optionsSchema = z.object({ config: z.string(), takeOver: z.boolean(), check: z.boolean() });

await main();

async function main(): Promise<void> {
  const options = parseArguments();
  const loaded = load(options.config);
  if (options.check) {
    for (const warning of loaded.warnings) process.stderr.write(`federationd: ${warning}\n`);
    process.stdout.write(`${options.config}: the configuration of ${loaded.config.node.name} is complete.\n`);
    return;
  }
  const { runDaemon } = await import("../substrate/run-daemon.ts");
  await runDaemon({ ...loaded, implEntry, portalFolder: repository.portal, takeOver: options.takeOver });
}

function parseArguments(): z.infer<typeof optionsSchema> {
  const command = new Command("federationd")
    .description("Runs one node of the Federation: its port, its sessions, its logic and its model.")
    .requiredOption("--config <file>", "the node's configuration: node.yaml of its join folder")
    .option("--take-over", "fence another daemon of the same actor that is still alive", false)
    .option("--check", "check the configuration and its secrets, then end", false)
    .version(version(), "--version")
    .allowExcessArguments(false)
    .showHelpAfterError("(--help lists every option of the configuration)")
    .addHelpText("after", configurationHelp)
    .exitOverride();
  try {
    return optionsSchema.parse(command.parse().opts());
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage);
    throw error;
  }
}

function load(path: string): LoadedConfig {
  try {
    return loadNodeConfig(path);
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    process.stderr.write(`${error.message.replaceAll(/^/gm, "federationd: ")}\n`);
    return process.exit(exitCodes.config_invalid);
  }
}

function configurationHelp(): string {
  const rows = nodeOptionTable.map((row) => {
    const fallback = row.defaultValue === undefined ? "" : ` [${JSON.stringify(row.defaultValue)}]`;
    const required = row.required ? " (required)" : "";
    const name = row.env === undefined ? "" : `\n      ${row.env}`;
    return `  ${row.key}: ${row.takes}${fallback}${required}\n      ${row.description}${name}`;
  });
  return `
Configuration (YAML; relative paths are relative to the file; secrets only as files). Each key, what it takes,
[its default], and the environment variable that overrides it (lists are separated by commas):

${rows.join("\n")}

  FED_INSECURE=1 allows plain text to other machines.

Exit codes: 0 left when asked, ${exitCodes.usage} wrong command line, ${exitCodes.schema_mismatch} database schema and build do not match,
  ${exitCodes.model_invalid} model file, ${exitCodes.fenced} another daemon holds this actor, ${exitCodes.internal} a defect, ${exitCodes.listen} port, ${exitCodes.unauthenticated} login refused, ${exitCodes.config_invalid} configuration.
`;
}

function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

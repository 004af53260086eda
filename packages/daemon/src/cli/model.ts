/** `federation model …`: the models of this machine. Needs no node. */
import { join } from "node:path";
import { listModels, modelPath, type PullProgress, pullModel, verifyModel } from "@federation/inference";
import type { Command } from "commander";
import { loadNodeConfig } from "../config/index.ts";
import { cliExitCodes } from "./exit-codes.ts";
import { configFileIn } from "./find-node.ts";
import type { Given } from "./given.ts";
import { fields, type Paper, table } from "./paper.ts";
import type { CliProgram } from "./program.ts";
import type { CliSession } from "./session.ts";

export function addModelCommands(program: CliProgram): void {
  const models = program.group("model");
  const command = (syntax: string, doc: string): Command =>
    models
      .command(syntax)
      .description(doc)
      .option("--dir <folder>", "folder of model files; that of the node of --config, else of the local mesh");

  program.does(command("list", "Lists the catalogue, and which of it is on this machine."), async (session, given) => {
    const listed = await listModels({ dir: modelsFolder(session, given) });
    const data = listed.map(({ entry, state }) => ({ ...entry, state }));
    session.print({ models: data }, (paper) =>
      table(
        paper,
        ["MODEL", "HERE", "SIZE", "LICENCE", "CONTEXT", "FOR", "RUN HERE", "TITLE"],
        data.map((it) => [
          it.alias,
          it.state,
          sizeText(it.approximateBytes),
          it.licence,
          it.contextTokens,
          it.profiles.join(" "),
          it.verifiedHere,
          it.title,
        ]),
        "The catalogue is empty.",
      ),
    );
    return cliExitCodes.ok;
  });

  const pull = command("pull <model>", "Fetches a model, takes up a broken download again, and verifies the file.");
  pull.option("--from <file>", "a file somebody already has: copied and verified");
  program.does(pull, async (session, given) => {
    const bar = createProgressBar(session);
    const from = given.maybe("from");
    try {
      const file = await pullModel(given.text("model"), {
        dir: modelsFolder(session, given),
        onProgress: bar.show,
        signal: session.world.interrupted,
        ...(from === undefined ? {} : { localFile: from }),
      });
      bar.end();
      session.print(file, (paper) => fileText(paper, file));
      return cliExitCodes.ok;
    } finally {
      bar.end();
    }
  });

  program.does(
    command("verify <model>", "Reads every byte of a model's file and compares it with what it should be."),
    async (session, given) => {
      const file = await verifyModel(given.text("model"), { dir: modelsFolder(session, given) });
      session.print(file, (paper) => fileText(paper, file));
      return cliExitCodes.ok;
    },
  );

  program.does(command("path <model>", "Tells where a model's file is."), async (session, given) => {
    const path = await modelPath(given.text("model"), { dir: modelsFolder(session, given) });
    session.print({ path }, () => path);
    return cliExitCodes.ok;
  });
}

function modelsFolder(session: CliSession, given: Given): string {
  const named = given.maybe("dir");
  if (named !== undefined) return named;
  if (session.flags.config === undefined) return join(session.world.stateFolder, "models");
  const { config } = loadNodeConfig(configFileIn(session.flags.config));
  const own = config.inference.mode === "own" ? config.inference.modelsDir : undefined;
  return own ?? join(config.stateDir, "models");
}

function fileText(
  paper: Paper,
  file: { readonly path: string; readonly bytes: number; readonly sha256: string },
): string {
  return fields(paper, [
    ["file", file.path],
    ["size", `${sizeText(file.bytes)} (${file.bytes} bytes)`],
    ["sha256", file.sha256],
  ]);
}

function sizeText(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

const barColumns = 24;

/** One line on a terminal, drawn over itself; a line per source where nobody looks. */
function createProgressBar({ world, flags }: CliSession) {
  let source = "";
  let drawn = false;
  return {
    show(progress: PullProgress): void {
      if (flags.json) return;
      if (progress.source !== source) {
        source = progress.source;
        world.err.write(`${drawn ? "\n" : ""}fetching ${source}\n`);
        drawn = false;
      }
      if (!world.err.isTerminal) return;
      const share = Math.min(1, progress.receivedBytes / Math.max(1, progress.totalBytes));
      const full = Math.round(share * barColumns);
      const bar = "█".repeat(full) + "░".repeat(barColumns - full);
      world.err.write(`\r${bar} ${Math.floor(share * 100)} % of ${sizeText(progress.totalBytes)}  `);
      drawn = true;
    },
    end(): void {
      if (drawn) world.err.write("\n");
      drawn = false;
    },
  };
}

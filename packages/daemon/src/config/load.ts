/**
 * From a path to a complete configuration, or to a message that names the key and the fix.
 *
 * 1. Order: file, environment over it, schema, paths made absolute, secrets present, plain text only at home.
 * 2. Relative paths are relative to the configuration file, wherever they were given: a join folder works where it
 *    is copied to.
 * 3. All problems of one kind are told at once.
 */
import { readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { MeshError } from "@federation/core";
import { parseDocument } from "yaml";
import { type OptionRow, optionTable } from "./option-table.ts";
import { applyOverrides, type Environment, getAt, isTree, setAt, type Tree } from "./override.ts";
import { plaintextProblems } from "./plaintext.ts";
import { describeIssues } from "./problems.ts";
import { type NodeConfig, type NodeProfile, nodeConfigSchema, nodeFileSchema, nodeProfileSchema } from "./schema.ts";
import { isReadableByOthers, readSecretFile } from "./secret-file.ts";

const maxFileBytes = 256 * 1024;

export interface LoadedConfig {
  readonly config: NodeConfig;
  /** Not wrong, but worth a line in the log. */
  readonly warnings: readonly string[];
}

/** Every option of a node's configuration, for help and documentation. */
export const nodeOptionTable: readonly OptionRow[] = optionTable(nodeFileSchema);

/**
 * @throws MeshError `config_invalid`; `details.problems` has one line per problem.
 */
export function loadNodeConfig(path: string, environment: Environment = process.env): LoadedConfig {
  const table = nodeOptionTable;
  const tree = readYaml(path);
  const overrides = applyOverrides(tree, environment, table);
  const parsed = nodeFileSchema.safeParse(tree);
  if (!parsed.success) {
    throw invalid(path, describeIssues(parsed.error.issues, { table, tree, sources: overrides.sources }));
  }
  const insecure = environment["FED_INSECURE"] === "1";
  const config = withAbsolutePaths({ ...parsed.data, insecure }, table, dirname(resolve(path)));
  const problems = [...secretProblems(config), ...(insecure ? [] : plaintextProblems(config))];
  if (problems.length > 0) throw invalid(path, problems);
  return { config, warnings: [...overrides.unknown.map((name) => `${name} is not an option.`), ...exposed(config)] };
}

/** Reads a profile of `deploy/nodes/`. @throws MeshError `config_invalid`, as `loadNodeConfig`. */
export function loadNodeProfile(path: string): NodeProfile {
  const tree = readYaml(path);
  const parsed = nodeProfileSchema.safeParse(tree);
  if (parsed.success) return parsed.data;
  throw invalid(
    path,
    describeIssues(parsed.error.issues, { table: optionTable(nodeProfileSchema), tree, sources: new Map() }),
  );
}

export interface NodeSecrets {
  readonly databasePassword: string;
  readonly brokerPasscode: string;
}

/** Reads the secrets now; keep them no longer than the connection they open. */
export function readNodeSecrets(config: NodeConfig): NodeSecrets {
  return {
    databasePassword: readSecretFile(config.database.passwordFile, "database.passwordFile"),
    brokerPasscode: readSecretFile(config.broker.passcodeFile, "broker.passcodeFile"),
  };
}

function readYaml(path: string): Tree {
  let text: string;
  try {
    if (statSync(path).size > maxFileBytes) throw invalid(path, [`the file is larger than ${maxFileBytes} bytes`]);
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof MeshError) throw error;
    throw invalid(path, ["the file cannot be read; `federation node add` writes a join folder with one"], error);
  }
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
  const first = document.errors[0];
  if (first !== undefined)
    throw invalid(path, [`not valid YAML: ${(first.message.split("\n")[0] ?? "").replace(/:$/, "")}`]);
  const tree: unknown = document.toJS({ maxAliasCount: 10 });
  if (!isTree(tree)) throw invalid(path, ["the file must hold keys and values"]);
  return tree;
}

function withAbsolutePaths(config: NodeConfig, table: readonly OptionRow[], folder: string): NodeConfig {
  const copy: Tree = structuredClone(config);
  for (const row of table.filter((candidate) => candidate.isPath)) {
    const value = getAt(copy, row.key.split("."));
    if (typeof value === "string" && !isAbsolute(value)) setAt(copy, row.key.split("."), resolve(folder, value));
  }
  const absolute = nodeConfigSchema.parse(copy);
  const { inference } = absolute;
  if (inference.mode === "own" && looksLikePath(inference.model)) {
    return { ...absolute, inference: { ...inference, model: resolve(folder, inference.model) } };
  }
  return absolute;
}

/** `model` is an alias unless it could not be one. */
function looksLikePath(model: string): boolean {
  return model.includes("/") || model.endsWith(".gguf");
}

function secretProblems(config: NodeConfig): readonly string[] {
  return secretFiles(config).flatMap(([key, path]) => {
    try {
      readSecretFile(path, key);
      return [];
    } catch (error) {
      return [MeshError.from(error).message.replace(/\.$/, "")];
    }
  });
}

function exposed(config: NodeConfig): readonly string[] {
  return secretFiles(config)
    .filter(([, path]) => isReadableByOthers(path))
    .map(([, path]) => `${path} can be read by others on this machine; chmod 600 it.`);
}

function secretFiles(config: NodeConfig): readonly (readonly [key: string, path: string])[] {
  return [
    ["database.passwordFile", config.database.passwordFile],
    ["broker.passcodeFile", config.broker.passcodeFile],
  ];
}

function invalid(path: string, problems: readonly string[], cause?: unknown): MeshError {
  return new MeshError("config_invalid", problems.map((problem) => `${path}: ${problem}.`).join("\n"), {
    cause,
    details: { problems },
  });
}

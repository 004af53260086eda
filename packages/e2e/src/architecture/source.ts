/**
 * What a source file says about its dependencies, read from its syntax tree: text searches are fooled by comments and
 * strings. oxc-parser is the one already installed for knip; TypeScript 7 has no parser to call, es-module-lexer
 * reads JavaScript only, and dependency-cruiser brings a second TypeScript.
 */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { parseSync, Visitor } from "oxc-parser";

export interface Import {
  readonly specifier: string;
  /** Erased before running: `import type`, `export type … from`. */
  readonly typeOnly: boolean;
  /** True for `export * from` in any of its forms. */
  readonly star: boolean;
}

export interface Source {
  /** Folder name under `packages/`. */
  readonly package: string;
  /** Path inside the package, e.g. `src/index.ts`. */
  readonly file: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  readonly hasDefaultExport: boolean;
  readonly readsEnvironment: boolean;
  readonly sql: readonly string[];
}

const statement =
  /^\s*(with\s+\w+\s+as\s*\(|select\s[\s\S]*\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|(create|alter|drop)\s+(table|role|database|function)\s)/i;

export function readSource(packageName: string, file: string, text: string): Source {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${packageName}/${file} does not parse: ${errors[0]?.message}`);
  const imports: Import[] = [];
  const sql: string[] = [];
  let hasDefaultExport = false;
  let readsEnvironment = false;
  const note = (source: unknown, typeOnly: boolean, star = false): void => {
    if (typeof source === "string") imports.push({ specifier: source, typeOnly, star });
  };
  const noteText = (value: unknown): void => {
    if (typeof value === "string" && statement.test(value)) sql.push(value.trim().slice(0, 60));
  };
  const named = (node: { type: string; name?: unknown; value?: unknown }): unknown =>
    node.type === "Identifier" ? node.name : node.value;
  new Visitor({
    ImportDeclaration(node) {
      note(node.source.value, node.importKind === "type");
      const fromProcess = /^(node:)?process$/.test(node.source.value);
      readsEnvironment ||=
        fromProcess && node.specifiers.some((it) => it.type === "ImportSpecifier" && named(it.imported) === "env");
    },
    ExportNamedDeclaration(node) {
      if (node.source !== null) note(node.source.value, node.exportKind === "type");
      hasDefaultExport ||= node.specifiers.some((it) => named(it.exported) === "default");
    },
    ExportAllDeclaration(node) {
      note(node.source.value, node.exportKind === "type", true);
    },
    ExportDefaultDeclaration() {
      hasDefaultExport = true;
    },
    ImportExpression(node) {
      note("value" in node.source ? node.source.value : undefined, false);
    },
    TSImportType(node) {
      note(node.source.value, true);
    },
    MemberExpression(node) {
      const isProcess = node.object.type === "Identifier" && node.object.name === "process";
      readsEnvironment ||= isProcess && named(node.property) === "env";
    },
    VariableDeclarator(node) {
      if (node.init?.type !== "Identifier" || node.init.name !== "process" || node.id.type !== "ObjectPattern") return;
      readsEnvironment ||= node.id.properties.some((it) => it.type === "Property" && named(it.key) === "env");
    },
    Literal(node) {
      noteText(node.value);
    },
    TemplateLiteral(node) {
      noteText(node.quasis.map((part) => part.value.raw).join("?"));
    },
  }).visit(program);
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  return { package: packageName, file, lines, imports, hasDefaultExport, readsEnvironment, sql };
}

/** What a package says about itself. */
export interface Manifest {
  /** Folder name under `packages/`. */
  readonly folder: string;
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
  /** Its entries as importers write them, `.` or `./ports`, and the file that each is. */
  readonly exports: Readonly<Record<string, string>>;
}

/** Reads every package below `packages`. */
export async function readRepository(packages: string): Promise<{ sources: Source[]; manifests: Manifest[] }> {
  const sources: Source[] = [];
  const manifests: Manifest[] = [];
  for (const folder of (await readdir(packages)).sort()) {
    const root = path.join(packages, folder);
    const text = await readFile(path.join(root, "package.json"), "utf8").catch(() => undefined);
    if (text === undefined) continue;
    manifests.push(readManifest(folder, text));
    const files = await readdir(path.join(root, "src"), { recursive: true });
    for (const file of files.filter((name) => /\.(ts|tsx|mts|js|mjs)$/.test(name)).sort()) {
      const inside = path.posix.join("src", file);
      sources.push(readSource(folder, inside, await readFile(path.join(root, inside), "utf8")));
    }
  }
  return { sources, manifests };
}

function readManifest(folder: string, text: string): Manifest {
  const content: unknown = JSON.parse(text);
  const entries = (field: string): [string, unknown][] => {
    const value = typeof content === "object" && content !== null ? Reflect.get(content, field) : undefined;
    return typeof value === "object" && value !== null ? Object.entries(value) : [];
  };
  const keys = (field: string): string[] => entries(field).map(([key]) => key);
  return {
    folder,
    dependencies: [...keys("dependencies"), ...keys("optionalDependencies")],
    devDependencies: keys("devDependencies"),
    exports: Object.fromEntries(entries("exports").map(([entry, file]) => [entry, path.posix.normalize(String(file))])),
  };
}

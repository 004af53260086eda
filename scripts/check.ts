/** `pnpm check`: everything that is known without running the product. All steps run; any failure fails the whole. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

const root = path.join(import.meta.dirname, "..");

/** Each step: a title and the commands it stands for. */
const steps: readonly (readonly [string, ...(readonly (readonly string[])[])])[] = [
  // Formatting and the order of imports are one thing to a reader.
  ["format", ["biome", "check", "--linter-enabled=false", "."]],
  ["lint", ["biome", "lint", "--error-on-warnings", "."]],
  [
    "types",
    ["tsc", "-p", "tsconfig.json"],
    // Again without Node's types: what core and runtime may touch is a matter for the compiler.
    ["tsc", "-p", "packages/core"],
    ["tsc", "-p", "packages/runtime"],
    // With a browser's types, and none of Node's.
    ["tsc", "-p", "packages/portal"],
  ],
  ["architecture", ["vitest", "run", "packages/e2e/src/architecture"]],
  ["unused code", ["knip"]],
];

let failed = 0;
for (const [title, ...commands] of steps) {
  const started = performance.now();
  const failures: string[] = [];
  for (const command of commands) {
    const { code, output } = await run(command);
    if (code !== 0) failures.push(`$ ${command.join(" ")}\n${output.trimEnd()}\n`);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${failures.length === 0 ? "ok    " : "FAILED"}  ${title} (${seconds} s)\n${failures.join("")}`);
  if (failures.length > 0) failed += 1;
}
process.stdout.write(`${steps.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

async function run([tool = "", ...args]: readonly string[]): Promise<{ code: number; output: string }> {
  const bin = path.join(root, "node_modules", ".bin");
  const child = spawn(path.join(bin, tool), args, {
    cwd: root,
    env: { ...process.env, PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env["PATH"] ?? ""}` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const [code, signal] = await once(child, "close");
  return { code: signal === null && typeof code === "number" ? code : 1, output };
}

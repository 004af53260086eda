import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = path.join(import.meta.dirname, "../../..");
const installed = "/opt/federation";
const run = promisify(execFile);

const available = await run("systemd-analyze", ["--version"]).then(
  () => true,
  () => false,
);
if (!available) process.stderr.write("skipped: this machine has no systemd-analyze to check the units with\n");

let folder: string;
let unit: string;
let text: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "federation-units-"));
  unit = path.join(folder, "federationd@.service");
  text = await readFile(path.join(root, "deploy/systemd/federationd@.service"), "utf8");
  // As it would find itself when the checkout were in its place.
  await writeFile(unit, text.replaceAll(installed, root));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test("every path the unit takes from the repository is there", async () => {
  const paths = text.matchAll(/\/opt\/federation\/(\S+)|(?<=node24 )(\S+)/g);
  const files = [...paths].map(([, fromRoot, program]) => path.join(root, fromRoot ?? program ?? ""));
  expect(files.length).toBeGreaterThanOrEqual(3);
  for (const file of files) await expect(readFile(file), file).resolves.toBeInstanceOf(Buffer);
});

test.skipIf(!available)("systemd finds nothing to complain about in the unit", async () => {
  const { stdout, stderr } = await run("systemd-analyze", ["verify", unit.replace("@", "@baby")]);
  expect(`${stdout}${stderr}`).toBe("");
});

test.skipIf(!available)("systemd calls the unit's exposure low", async () => {
  const { stdout } = await run("systemd-analyze", ["security", "--offline=true", unit]);
  expect(Number(/exposure level for .*: ([\d.]+)/.exec(stdout)?.[1])).toBeLessThan(2.5);
});

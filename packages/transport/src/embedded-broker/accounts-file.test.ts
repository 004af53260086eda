import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog } from "../testing/silent-log.ts";
import { passcodeSha256 } from "./accounts.ts";
import { openAccountsFile } from "./accounts-file.ts";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "federation-accounts-"));
  file = path.join(folder, "accounts.json");
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const write = (...logins: readonly string[]) =>
  writeFile(
    file,
    JSON.stringify({
      accounts: logins.map((login) => ({ login, passcodeSha256: passcodeSha256(`${login}-passcode`) })),
    }),
  );

test("an account added while the broker runs counts at its first login", async () => {
  await write("baby");
  const authenticate = await openAccountsFile(file, silentLog);
  expect(await authenticate("baby", "baby-passcode")).toBe(true);
  expect(await authenticate("late", "late-passcode")).toBe(false);
  await write("baby", "late");
  expect(await Promise.all([authenticate("late", "late-passcode"), authenticate("late", "wrong")])).toEqual([
    true,
    false,
  ]);
});

test("a file spoilt later leaves the accounts as they were", async () => {
  await write("baby");
  const authenticate = await openAccountsFile(file, silentLog);
  await writeFile(file, '{"accounts": [');
  expect(await authenticate("late", "late-passcode")).toBe(false);
  expect(await authenticate("baby", "baby-passcode")).toBe(true);
  await rm(file);
  expect(await authenticate("late", "late-passcode")).toBe(false);
  expect(await authenticate("baby", "baby-passcode")).toBe(true);
});

test("a file that is missing or wrong at the start is an error that names it", async () => {
  await expect(openAccountsFile(file, silentLog)).rejects.toMatchObject({ code: "config_invalid" });
  await writeFile(file, JSON.stringify({ accounts: [{ login: "baby", passcode: "in clear" }] }));
  await expect(openAccountsFile(file, silentLog)).rejects.toThrow(file);
});

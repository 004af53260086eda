import { readFile, stat } from "node:fs/promises";
import { MeshError } from "@federation/core";
import type { Log } from "@federation/runtime/ports";
import { z } from "zod";
import { isActorName } from "../destinations.ts";
import { type Authenticate, authenticateFrom } from "./accounts.ts";

const accountsFileSchema = z.strictObject({
  accounts: z
    .array(
      z.strictObject({
        login: z.string().max(63).refine(isActorName, "not an actor's name"),
        passcodeSha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .max(10_000),
});

/**
 * Accounts of a JSON file, `{"accounts": [{"login": "baby", "passcodeSha256": "<hex>"}]}`. A login that fails makes it
 * look whether the file has changed since, so that a node added while the broker runs can log in at once.
 * @throws MeshError `config_invalid` when the file cannot be read at the start. Later the last good content stays.
 */
export async function openAccountsFile(path: string, log: Log): Promise<Authenticate> {
  let version = await fileVersion(path);
  let authenticate = await readAccounts(path);
  let reading: Promise<void> | undefined;

  const readAgain = async () => {
    try {
      const found = await fileVersion(path);
      if (found === version) return;
      authenticate = await readAccounts(path);
      version = found;
      log.info({ path }, "Read the broker's accounts again.");
    } catch (error) {
      log.warn({ path, error: MeshError.from(error).message }, "Kept the accounts as they were.");
    }
  };

  return async (login, passcode) => {
    if (await authenticate(login, passcode)) return true;
    reading ??= readAgain().finally(() => {
      reading = undefined;
    });
    await reading;
    return await authenticate(login, passcode);
  };
}

async function fileVersion(path: string): Promise<string> {
  try {
    const { mtimeNs, size, ino } = await stat(path, { bigint: true });
    return `${mtimeNs}-${size}-${ino}`;
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function readAccounts(path: string): Promise<Authenticate> {
  try {
    return authenticateFrom(accountsFileSchema.parse(JSON.parse(await readFile(path, "utf8"))).accounts);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): MeshError {
  return new MeshError(
    "config_invalid",
    `The accounts file ${path} must be readable JSON {"accounts": [{"login", "passcodeSha256"}]}.`,
    { cause },
  );
}

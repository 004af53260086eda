/** Secrets that the command line makes: a node is told their hash alone. */
import { createHash, randomBytes } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { isSurelyUndone, MeshError } from "@federation/core";

export interface Secret {
  readonly text: string;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** 256 random bits in letters that a header and a subprotocol can carry. */
export function makeSecret(): Secret {
  const text = randomBytes(32).toString("base64url");
  return { text, sha256: createHash("sha256").update(text).digest("hex") };
}

/**
 * Writes a secret into a new file that only its owner can read, and then has it made good: what was made good and then
 * could not be kept would be lost. The file goes again when it is sure that the secret is good for nothing; where the
 * answer was lost it stays, for it may be the only one that still opens a session.
 * @throws MeshError `conflict` when the file is there.
 */
export async function keptInFile<T>(file: string, secret: Secret, work: () => Promise<T>): Promise<T> {
  const handle = await open(file, "wx", 0o600).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "EEXIST")
      throw new MeshError("conflict", `${file} is there already; name a new file.`);
    const reason = error instanceof Error ? error.message : String(error);
    throw new MeshError("invalid_input", `${file} cannot be written (${reason}).`, { cause: error });
  });
  try {
    await handle.writeFile(`${secret.text}\n`);
    await handle.sync();
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  try {
    return await work();
  } catch (thrown) {
    const error = MeshError.from(thrown);
    if (isSurelyUndone(error.code)) {
      await rm(file, { force: true });
      throw error;
    }
    throw new MeshError(
      error.code,
      `${error.message} Whether the one in ${file} was made good is not known, and the file is kept; see: federation token list.`,
      { cause: thrown, details: error.details },
    );
  }
}

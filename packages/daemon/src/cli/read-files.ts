import { readFile, stat } from "node:fs/promises";
import { relative } from "node:path";
import { MAX_FILE, MeshError, type SubmittedFile } from "@federation/core";
import { type RegisteredKey, registeredKey } from "../git/signing-key.ts";

/** A file to submit, named by its path from the working folder. @throws MeshError `invalid_input`. */
export async function readSubmittedFile(path: string): Promise<SubmittedFile> {
  try {
    const { size } = await stat(path);
    // Four bytes at most encode one character: what is larger cannot fit.
    if (size > MAX_FILE * 4) throw new MeshError("invalid_input", `${path} is too large to submit.`);
    const content = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
    return { path: relative(process.cwd(), path).replaceAll("\\", "/"), content };
  } catch (error) {
    if (error instanceof MeshError) throw error;
    throw new MeshError("invalid_input", `${path} cannot be read as text (${reasonOf(error)}).`, { cause: error });
  }
}

/** A registered key from its `.pub` file. @throws MeshError `invalid_input`. */
export async function readSigningKey(path: string): Promise<RegisteredKey> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new MeshError("invalid_input", `${path} cannot be read (${reasonOf(error)}).`, { cause: error });
  });
  return registeredKey(text);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

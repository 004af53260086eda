import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { relative } from "node:path";
import { MAX_FILE, MeshError, type SubmittedFile } from "@federation/core";

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

/**
 * An SSH public key as OpenSSH writes it, without its comment, and its fingerprint.
 * @throws MeshError `invalid_input`.
 */
export async function readSigningKey(
  path: string,
): Promise<{ readonly publicKey: string; readonly fingerprint: string }> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new MeshError("invalid_input", `${path} cannot be read (${reasonOf(error)}).`, { cause: error });
  });
  const [type, blob] = text.trim().split(/\s+/);
  if (type === undefined || blob === undefined || !/^[a-z0-9@.-]+$/.test(type) || text.includes("PRIVATE KEY"))
    throw new MeshError("invalid_input", `${path} is no SSH public key; name the file that ends in .pub.`);
  const digest = createHash("sha256").update(Buffer.from(blob, "base64")).digest("base64");
  return { publicKey: `${type} ${blob}`, fingerprint: `SHA256:${digest.replace(/=+$/, "")}` };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

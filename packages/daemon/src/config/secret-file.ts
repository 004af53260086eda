/** Secrets are files: one line each, read when they are needed and never kept, so that rotation needs no restart. */

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { MeshError } from "@federation/core";

const maxBytes = 4096;

/**
 * The secret in `path`, without its line end.
 * @throws MeshError `config_invalid` that names the key and the file, when it is missing, empty or no plain file.
 */
export function readSecretFile(path: string, key: string): string {
  const problem = (what: string, cause?: unknown) =>
    new MeshError("config_invalid", `"${key}": ${what}; put the secret, alone on one line, into ${path}.`, { cause });
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (error) {
    throw problem(isMissing(error) ? "the secret's file does not exist" : "the secret's file cannot be read", error);
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw problem("that is not a plain file");
    if (stat.size > maxBytes) throw problem(`that file is larger than a secret (${maxBytes} bytes)`);
    const buffer = Buffer.alloc(maxBytes);
    const secret = buffer.toString("utf8", 0, readSync(descriptor, buffer)).replace(/\r?\n$/, "");
    if (secret.trim() === "") throw problem("the secret's file is empty");
    if (/[\r\n\0]/.test(secret)) throw problem("the secret's file holds more than one line");
    return secret;
  } finally {
    closeSync(descriptor);
  }
}

/** True when others on the machine may read the file: a warning, since a container's secrets are mounted so. */
export function isReadableByOthers(path: string): boolean {
  const descriptor = openSync(path, "r");
  try {
    return (fstatSync(descriptor).mode & 0o077) !== 0;
  } finally {
    closeSync(descriptor);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

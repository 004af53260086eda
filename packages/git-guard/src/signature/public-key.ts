/**
 * An SSH public key, from one line of a `.pub` file. What this answers may be written into a file that ssh-keygen
 * reads: it has no options, no blanks and no newline of anybody else's.
 */
import { createHash } from "node:crypto";
import { MeshError } from "@federation/core";
import { readSshStrings } from "./ssh-strings.ts";

export interface PublicKey {
  readonly type: string;
  readonly base64: string;
  /** As `ssh-keygen -l` prints it: `SHA256:…`. */
  readonly fingerprint: string;
}

const types = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "sk-ssh-ed25519@openssh.com",
  "sk-ecdsa-sha2-nistp256@openssh.com",
  "ssh-rsa",
];
const MIN_RSA_BYTES = 384;
const MAX_LINE = 4_000;

export function readPublicKey(line: string): PublicKey {
  const [type = "", base64 = ""] = line.length > MAX_LINE ? [] : line.trim().split(/[ \t]+/);
  const lines = line.trim().split(/[\r\n]/).length;
  const blob = /^[A-Za-z0-9+/]+={0,2}$/.test(base64) ? Buffer.from(base64, "base64") : Buffer.alloc(0);
  const parts = readSshStrings(blob);
  if (lines !== 1 || !types.includes(type) || parts?.[0]?.toString("latin1") !== type)
    throw new MeshError(
      "invalid_input",
      "This is no SSH public key; give one line of a .pub file of type ed25519, ecdsa, sk or rsa, without options.",
    );
  if (type === "ssh-rsa" && (parts[2]?.length ?? 0) < MIN_RSA_BYTES)
    throw new MeshError("invalid_input", "An RSA key needs 3072 bits or more; make an ed25519 key instead.");
  return { type, base64: blob.toString("base64"), fingerprint: fingerprintOf(blob) };
}

export function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

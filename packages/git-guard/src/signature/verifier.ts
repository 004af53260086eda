/**
 * Verifies signatures against the registered keys with ssh-keygen.
 *
 * 1. The file of allowed signers is written for this one check, in a folder of our own, from parsed keys only.
 * 2. A revoked key is not in it: the time a signature names is the signer's to choose, so it excuses nothing.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { SigningKey } from "@federation/runtime/ports";
import { runProgram } from "../git/run-program.ts";
import type { Signature } from "../judge/judge-commit.ts";
import { readPublicKey } from "./public-key.ts";
import { readSignatureEnvelope } from "./ssh-signature.ts";

export interface Verifier {
  verify(signature: string | undefined, payload: Buffer): Promise<Signature>;
  close(): Promise<void>;
}

const NAMESPACE = "git";
const VERIFY_TIMEOUT_MS = 10_000;

export async function openVerifier(
  keys: readonly SigningKey[],
  environment: Readonly<Record<string, string>>,
): Promise<Verifier> {
  const byBlob = new Map<string, SigningKey>();
  const lines: string[] = [];
  for (const key of keys) {
    const { type, base64 } = readPublicKey(key.publicKey);
    // Whoever registers a key that is known takes nothing from the one who registered it first.
    if (byBlob.has(base64)) continue;
    byBlob.set(base64, key);
    if (key.revokedAt === null) lines.push(`${key.actor} namespaces="${NAMESPACE}" ${type} ${base64}\n`);
  }
  const folder = await mkdtemp(path.join(tmpdir(), "federation-git-"));
  const allowed = path.join(folder, "allowed-signers");
  let count = 0;
  const close = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await writeFile(allowed, lines.join(""), { mode: 0o600 });
  } catch (error) {
    await close();
    throw error;
  }

  async function verify(signature: string | undefined, payload: Buffer): Promise<Signature> {
    if (signature === undefined) return { kind: "unsigned" };
    const envelope = readSignatureEnvelope(signature);
    if (envelope.kind !== "ssh") return { kind: "unreadable" };
    const key = byBlob.get(envelope.key);
    if (key === undefined) return { kind: "unknown", fingerprint: envelope.fingerprint };
    if (key.revokedAt !== null) return { kind: "revoked", key };
    count += 1;
    const file = path.join(folder, `signature-${count}`);
    await writeFile(file, `${signature.trimEnd()}\n`, { mode: 0o600 });
    const { code } = await runProgram(
      "ssh-keygen",
      ["-Y", "verify", "-f", allowed, "-I", key.actor, "-n", NAMESPACE, "-s", file],
      { cwd: folder, environment, input: payload, timeoutMs: VERIFY_TIMEOUT_MS },
    );
    await rm(file, { force: true });
    return code === 0 ? { kind: "good", key } : { kind: "bad", key };
  }

  return { verify, close };
}

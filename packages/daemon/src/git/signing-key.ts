import { execFile } from "node:child_process";
import { access, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { MeshError } from "@federation/core";
import { readPublicKey } from "@federation/git-guard";

/** The public half of a private SSH key, as it is registered. */
export interface RegisteredKey {
  readonly publicKey: string;
  readonly fingerprint: string;
}

/**
 * Makes an Ed25519 key without a passphrase unless there is one: the daemon signs with nobody there to type it. Who can
 * read the join folder is this actor anyway.
 */
export async function ensureSigningKey(keyFile: string, actor: string): Promise<RegisteredKey> {
  const there = await access(keyFile).then(
    () => true,
    () => false,
  );
  if (!there) {
    await mkdir(dirname(keyFile), { recursive: true, mode: 0o700 });
    await promisify(execFile)("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", actor, "-f", keyFile]).catch(
      (cause: unknown) => {
        throw new MeshError("unavailable", "ssh-keygen could not make a key; install OpenSSH's client programs.", {
          cause,
        });
      },
    );
  }
  const text = await readFile(`${keyFile}.pub`, "utf8").catch((cause: unknown) => {
    throw new MeshError("config_invalid", `${keyFile}.pub is missing; write it with: ssh-keygen -y -f ${keyFile}`, {
      cause,
    });
  });
  return registeredKey(text);
}

/** @throws MeshError `invalid_input` when it is not one line of a `.pub` file. */
export function registeredKey(text: string): RegisteredKey {
  const { type, base64, fingerprint } = readPublicKey(text);
  return { publicKey: `${type} ${base64}`, fingerprint };
}

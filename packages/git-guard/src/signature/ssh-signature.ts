/**
 * Which key an armoured SSH signature says it was made with. This finds the registered key and names it in refusals;
 * that the signature is good, ssh-keygen says, against that key alone.
 */
import { fingerprintOf } from "./public-key.ts";
import { readSshStrings } from "./ssh-strings.ts";

export type SignatureEnvelope =
  | { readonly kind: "ssh"; readonly key: string; readonly fingerprint: string; readonly namespace: string }
  | { readonly kind: "not_ssh" }
  | { readonly kind: "malformed" };

const MAX_ARMOUR = 16_384;
const armour = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\n?$/;
const magic = Buffer.from("SSHSIG\0\0\0\u0001", "latin1");

export function readSignatureEnvelope(signature: string): SignatureEnvelope {
  if (!signature.startsWith("-----BEGIN SSH SIGNATURE-----")) return { kind: "not_ssh" };
  const body = signature.length > MAX_ARMOUR ? undefined : armour.exec(signature)?.[1];
  const blob = Buffer.from(body?.replaceAll("\n", "") ?? "", "base64");
  if (!blob.subarray(0, magic.length).equals(magic)) return { kind: "malformed" };
  const [key, namespace, ...rest] = readSshStrings(blob.subarray(magic.length)) ?? [];
  if (key === undefined || namespace === undefined || rest.length !== 3) return { kind: "malformed" };
  return {
    kind: "ssh",
    key: key.toString("base64"),
    fingerprint: fingerprintOf(key),
    namespace: namespace.toString("latin1"),
  };
}

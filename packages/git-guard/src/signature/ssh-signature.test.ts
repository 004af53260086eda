import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { SigningKey } from "@federation/runtime/ports";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { plainEnvironment } from "../git/child-environment.ts";
import { readPublicKey } from "./public-key.ts";
import { readSignatureEnvelope } from "./ssh-signature.ts";
import { openVerifier, type Verifier } from "./verifier.ts";

const folder = mkdtempSync(path.join(tmpdir(), "ssh-signature-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string): string => path.join(folder, name);
function makeKey(name: string, ...type: readonly string[]): string {
  execFileSync("ssh-keygen", ["-q", "-N", "", "-C", `${name} a comment`, "-f", file(name), ...type]);
  return readFileSync(`${file(name)}.pub`, "utf8").trim();
}
const sign = (name: string, text: string, namespace = "git"): string =>
  execFileSync("ssh-keygen", ["-Y", "sign", "-n", namespace, "-f", file(name)], {
    input: text,
    stdio: "pipe",
  }).toString();
const keyOf = (actor: string, publicKey: string, revokedAt: string | null = null): SigningKey => ({
  actor,
  kind: "agent",
  role: "developer",
  publicKey,
  revokedAt,
});

describe("against the registered keys", () => {
  let verifier: Verifier;
  const text = "tree and so on\n";
  beforeAll(async () => {
    const keys = [
      keyOf("aorus", makeKey("aorus", "-t", "ed25519")),
      keyOf("aorus", makeKey("second", "-t", "ecdsa", "-b", "384")),
      keyOf("baby", makeKey("baby", "-t", "rsa", "-b", "3072")),
      keyOf("gone", makeKey("gone", "-t", "ed25519"), "2026-01-01T00:00:00.000Z"),
    ];
    makeKey("stranger", "-t", "ed25519");
    verifier = await openVerifier(keys, plainEnvironment());
  });
  afterAll(() => verifier.close());
  const verify = (signature: string | undefined, payload = text) => verifier.verify(signature, Buffer.from(payload));

  test.each([
    ["aorus", "aorus"],
    ["second", "aorus"],
    ["baby", "baby"],
  ])("a signature with the key %s is %s's", async (name, actor) => {
    expect(await verify(sign(name, text))).toMatchObject({ kind: "good", key: { actor } });
  });

  test("a signature over something else, or for something else than git, is bad", async () => {
    expect(await verify(sign("aorus", "other\n"))).toMatchObject({ kind: "bad", key: { actor: "aorus" } });
    expect(await verify(sign("aorus", text, "file"))).toMatchObject({ kind: "bad" });
  });

  test("a signature with a revoked key, an unknown one, or none is said to be so", async () => {
    expect(await verify(sign("gone", text))).toMatchObject({ kind: "revoked", key: { actor: "gone" } });
    const unknown = readPublicKey(readFileSync(`${file("stranger")}.pub`, "utf8"));
    expect(await verify(sign("stranger", text))).toEqual({ kind: "unknown", fingerprint: unknown.fingerprint });
    expect(await verify(undefined)).toEqual({ kind: "unsigned" });
    expect(await verify("-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----")).toEqual({
      kind: "unreadable",
    });
  });

  test("a signature in which another's key was put is bad", async () => {
    const blobOf = (name: string): Buffer =>
      Buffer.from(readPublicKey(readFileSync(`${file(name)}.pub`, "utf8")).base64, "base64");
    const raw = Buffer.from(sign("stranger", text).split("\n").slice(1, -2).join(""), "base64");
    const forged = Buffer.from(
      raw.toString("latin1").replace(blobOf("stranger").toString("latin1"), blobOf("aorus").toString("latin1")),
      "latin1",
    );
    const armoured = forged.toString("base64").replace(/.{70}/g, "$&\n");
    const signature = `-----BEGIN SSH SIGNATURE-----\n${armoured}\n-----END SSH SIGNATURE-----\n`;
    expect(await verify(signature)).toMatchObject({ kind: "bad", key: { actor: "aorus" } });
  });

  test("a key that is registered once more stays whose it was", async () => {
    const key = readFileSync(`${file("aorus")}.pub`, "utf8").trim();
    const twice = await openVerifier([keyOf("aorus", key), keyOf("eve", key)], plainEnvironment());
    expect(await twice.verify(sign("aorus", text), Buffer.from(text))).toMatchObject({
      kind: "good",
      key: { actor: "aorus" },
    });
    await twice.close();
  });

  test("a fingerprint is the one that ssh-keygen prints", () => {
    const printed = execFileSync("ssh-keygen", ["-l", "-f", `${file("aorus")}.pub`]).toString();
    expect(printed).toContain(readPublicKey(readFileSync(`${file("aorus")}.pub`, "utf8")).fingerprint);
  });
});

describe("no public key is", () => {
  const good = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
  test.each([
    ["nothing", ""],
    ["words", "not a key"],
    ["a line with options", `cert-authority ${good}`],
    ["two lines", `${good}\n* ${good}`],
    ["a certificate", "ssh-ed25519-cert-v01@openssh.com AAAA"],
    ["a key under another type's name", good.replace("ssh-ed25519 ", "ssh-rsa ")],
    ["an old type", "ssh-dss AAAAB3NzaC1kc3M="],
    ["a line beyond all measure", `${good} ${"x".repeat(4_000)}`],
    ["base64 with a quote", `ssh-ed25519 AAAA"`],
  ])("%s", (_, line) => {
    expect(() => readPublicKey(line)).toThrow("no SSH public key");
  });

  test("a short one of RSA", () => {
    expect(() => readPublicKey(makeKey("short", "-t", "rsa", "-b", "2048"))).toThrow("3072");
  });
});

test("no armour makes the envelope's reader throw", () => {
  const magic = Buffer.from("SSHSIG\0\0\0\u0001", "latin1");
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, real) => {
      const blob = real ? Buffer.concat([magic, bytes]) : Buffer.from(bytes);
      const text = `-----BEGIN SSH SIGNATURE-----\n${blob.toString("base64")}\n-----END SSH SIGNATURE-----`;
      expect(["ssh", "malformed"]).toContain(readSignatureEnvelope(text).kind);
    }),
  );
});

/**
 * The id a call's outcome is recorded under.
 *
 * 1. A caller that gave one gets exactly that one: repeating a call under it is how a lost answer is asked for again.
 * 2. Otherwise it is made from session and request id, so that a request sent again within its session is the same
 *    call, and no two sessions share one.
 */
import { createHash } from "node:crypto";
import { MeshError } from "@federation/core";
import { callIdMetaKey } from "./meta-keys.ts";

const callIdPattern = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;

/** @throws MeshError `invalid_input` for a call id that is no short plain text. */
export function callIdOf(meta: unknown, session: string, requestId: string | number): string {
  const given =
    typeof meta === "object" && meta !== null && Object.hasOwn(meta, callIdMetaKey)
      ? Reflect.get(meta, callIdMetaKey)
      : undefined;
  if (given === undefined) return madeFrom(session, requestId);
  if (typeof given === "string" && callIdPattern.test(given)) return given;
  throw new MeshError(
    "invalid_input",
    `_meta["${callIdMetaKey}"] must be 1 to 128 letters, digits and . _ : / - (a UUID fits), or be left out.`,
  );
}

/** A UUID of version 8 over SHA-256: looks like every other id in the log and in the rows. */
function madeFrom(session: string, requestId: string | number): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([session, requestId]))
    .digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString("hex", 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

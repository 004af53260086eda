import { createHash, timingSafeEqual } from "node:crypto";

/** Only the digest of a passcode is held. */
export interface Account {
  /** The actor's name. */
  readonly login: string;
  /** Lower-case hexadecimal. */
  readonly passcodeSha256: string;
}

export type Authenticate = (login: string, passcode: string) => boolean | Promise<boolean>;

export function passcodeSha256(passcode: string): string {
  return createHash("sha256").update(passcode).digest("hex");
}

export function authenticateFrom(accounts: readonly Account[]): Authenticate {
  const digests = new Map(accounts.map(({ login, passcodeSha256: digest }) => [login, Buffer.from(digest, "hex")]));
  return (login, passcode) => {
    const expected = digests.get(login);
    const given = createHash("sha256").update(passcode).digest();
    // Compared even for an unknown login, so that the time tells nothing.
    const equal = timingSafeEqual(expected?.length === given.length ? expected : Buffer.alloc(given.length), given);
    return equal && expected !== undefined;
  };
}

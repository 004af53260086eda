/**
 * Asks impl whose a credential is. The substrate keeps no list of its own and remembers no verdict.
 *
 * 1. Guessing is slow: after a burst of refused credentials of one kind from one address, others of that kind from there
 *    are refused unseen for a while. Not so tokens that were good here before; a page's next secret never was.
 * 2. Who asks waits no longer than it said, and no more than `maxAsking` wait at once.
 */
import { createHash } from "node:crypto";
import type { Credential } from "./admission.ts";
import type { ImplProcess } from "./impl-process.ts";
import { TokenBucket } from "./token-bucket.ts";

const refusedTokens = { burst: 20, perSecond: 2 };
const maxAsking = 256;
const maxKnown = 1024;
const maxGuessing = 1024;

export interface Who {
  readonly actor: string;
  /** Impl's name for the credential; not the token. */
  readonly credential: string;
}
export interface NotAdmitted {
  readonly refusal: { readonly status: 401 | 403 | 429 | 503; readonly message: string };
}

export interface AuthenticatorOptions {
  readonly impls: { whenReady(timeoutMs: number): Promise<Pick<ImplProcess, "authenticate"> | undefined> };
  readonly nowMs: () => number;
}

export interface Asker {
  readonly origin?: string | undefined;
  readonly remoteAddress: string;
}

export class Authenticator {
  readonly #options: AuthenticatorOptions;
  /** What may be guessed still of each kind and address, where it was guessed lately. */
  readonly #guesses = new Map<string, TokenBucket>();
  /** Digests of tokens that were good before: holding one is no guess. They are asked about all the same. */
  readonly #known = new Set<string>();
  #asking = 0;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  async admit(credential: Credential, asker: Asker, waitMs: number): Promise<Who | NotAdmitted> {
    const digest = tokenDigest(credential.token);
    const guessed = this.#guesses.get(guesser(credential, asker))?.empty === true;
    if (guessed && !this.#known.has(digest)) return refuse(429, "Too many refused tokens; wait a moment.");
    if (this.#asking >= maxAsking) return refuse(503, "Too many clients ask to be let in; try again.");
    this.#asking++;
    try {
      return await this.#ask(credential, asker, waitMs, digest);
    } finally {
      this.#asking--;
    }
  }

  async #ask(credential: Credential, asker: Asker, waitMs: number, digest: string): Promise<Who | NotAdmitted> {
    const { impls, nowMs } = this.#options;
    const untilMs = nowMs() + waitMs;
    const { origin, remoteAddress } = asker;
    const question = { ...credential, remoteAddress, ...(origin === undefined ? {} : { origin }) };
    const impl = await impls.whenReady(waitMs);
    if (impl === undefined) return refuse(503, "The node is starting or restarting; try again.");
    let answer = await impl.authenticate(question, Math.max(0, untilMs - nowMs()));
    if (answer === undefined && nowMs() < untilMs) {
      // It ended over the question. One more try: a question that ends impls must not end all of them.
      const next = await impls.whenReady(untilMs - nowMs());
      answer = await next?.authenticate(question, Math.max(0, untilMs - nowMs()));
    }
    if (answer === undefined) return refuse(503, "The node could not check the token in time; try again.");
    if (answer.ok) {
      if (credential.kind === "bearer") this.#remember(digest);
      return { actor: answer.actor, credential: answer.credential };
    }
    if (answer.code === "unauthenticated") {
      this.#known.delete(digest);
      this.#guessed(guesser(credential, asker));
      if (credential.other !== undefined) this.#guessed(guesser(credential, asker));
    }
    return refuse(statusOf[answer.code], answer.message);
  }

  #guessed(who: string): void {
    const guesses = this.#guesses.get(who) ?? new TokenBucket(refusedTokens, this.#options.nowMs);
    guesses.take();
    this.#guesses.delete(who);
    this.#guesses.set(who, guesses);
    for (const [oldest, its] of this.#guesses) {
      if (this.#guesses.size <= maxGuessing && !its.full) break;
      this.#guesses.delete(oldest);
    }
  }

  #remember(digest: string): void {
    this.#known.delete(digest);
    this.#known.add(digest);
    for (const oldest of this.#known) {
      if (this.#known.size <= maxKnown) break;
      this.#known.delete(oldest);
    }
  }
}

/** Whose guesses are counted together: who guesses tokens shuts no page out that comes back from there. */
function guesser({ kind }: Credential, { remoteAddress }: Asker): string {
  return `${kind} ${remoteAddress}`;
}

export function tokenDigest(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

const statusOf = { unauthenticated: 401, forbidden: 403, unavailable: 503, limit_exceeded: 429 } as const;

function refuse(status: NotAdmitted["refusal"]["status"], message: string): NotAdmitted {
  return { refusal: { status, message } };
}

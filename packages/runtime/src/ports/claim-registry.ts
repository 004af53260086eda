import type { ActorKind, Role } from "@federation/core";

/**
 * What a guard of git repositories asks of the federation. Whoever asks has not proved to be anybody: who made a commit
 * is decided by its signature, and everything here is read as rows and on the database's clock.
 *
 * 1. What cannot be answered throws (a MeshError, `unavailable` when the database is away): no answer is never a yes.
 * 2. `record` is one transaction: all of it is on record when it resolves, or nothing.
 */
export interface ClaimRegistry {
  /** The claim of this task under this fence, whether it still holds or not; undefined when there never was one. */
  claim(task: string, fence: number): Promise<ClaimRecord | undefined>;
  /** The claims this actor holds now, in the order in which it made them. */
  liveClaims(actor: string): Promise<readonly ClaimRecord[]>;
  /** Every key ever registered, the revoked ones too, in the order in which they were. */
  signingKeys(): Promise<readonly SigningKey[]>;
  /** At most 200 entries. */
  record(entries: readonly GitRecord[]): Promise<void>;
}

export interface ClaimRecord {
  readonly task: string;
  readonly fence: number;
  /** Who took the task under this fence. */
  readonly holder: string;
  /**
   * live: held under this fence, and the lease has not run out · finished: submitted under this fence and waiting for
   * its review or accepted, or sent back to the same holder whose next fence is live or finished · ended: anything
   * else, such as run out, handed back, taken over, rejected, cancelled.
   */
  readonly state: "live" | "finished" | "ended";
  /** How the claim stands, in a few words for people: "the lease ran out", "accepted". */
  readonly standing: string;
  /** Path patterns the holder may write (`inScope` in core). None: the whole repository. */
  readonly scope: readonly string[];
  /**
   * The commit that holds the result, where one is linked. Under a finished claim only that commit and what leads to it
   * is lawful; null: no commit is linked, and any commit under the claim is.
   */
  readonly commit: string | null;
}

export interface SigningKey {
  readonly actor: string;
  readonly kind: Exclude<ActorKind, "system">;
  readonly role: Role;
  /** One line as in a `.pub` file: type and base64, perhaps a comment. */
  readonly publicKey: string;
  /** Null: in force. A revoked key signs nothing any more, whenever the signature says it was made. */
  readonly revokedAt: string | null;
}

export interface GitRecord {
  readonly kind: "human_merge" | "push_accepted" | "push_refused";
  /** Whose signature it is about: who merged; null when a push has several signers, or none that is known. */
  readonly actor: string | null;
  /** The merge, or the tip that was pushed; null for a deletion. */
  readonly commit: string | null;
  /** At most 400 characters. */
  readonly ref: string;
  /** What was taken, or why it was refused; at most 4,000 characters. */
  readonly reason: string;
}

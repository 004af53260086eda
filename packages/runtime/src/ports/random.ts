export interface Random {
  /** A new UUID (version 7 where the platform can: rows then sort by birth). */
  uuid(): string;
  /** Uniform in [0, 1): for jitter. Model choices are sampled under their own seed, not with this. */
  fraction(): number;
}

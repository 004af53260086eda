/** Bounds on one push and one commit: what is larger is refused, never judged by half. */
export interface GuardLimits {
  readonly maxRefs: number;
  readonly maxCommits: number;
  readonly maxCommitBytes: number;
  readonly maxChangesPerPush: number;
  /** For everything a hook does. */
  readonly deadlineMs: number;
  /** For one answer of the registry. */
  readonly registryMs: number;
}

export const defaultLimits: GuardLimits = {
  maxRefs: 64,
  maxCommits: 1_000,
  maxCommitBytes: 65_536,
  maxChangesPerPush: 50_000,
  deadlineMs: 120_000,
  registryMs: 10_000,
};

/** One agent who makes commits past every hook and pushes them: what a server does with them is its own doing. */
import type { ContractClaim } from "@federation/testkit/contracts";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import { type Forged, type GitWorld, openGitWorld, type Ran, trailersOf } from "./git-world.ts";

export interface Pusher {
  readonly world: GitWorld;
  /** The clone of aorus. */
  readonly clone: string;
  /** A live claim of aorus on `src/**`, new for each test. */
  readonly claim: ContractClaim;
  /** A name that is new for each test; and its number. */
  readonly branch: string;
  readonly count: number;
  /** A commit that is lawful but for what is laid over it. */
  forge(over?: Partial<Forged>): string;
  push(commit: string, ref?: string, options?: readonly string[]): Ran;
  onServer(ref: string): string;
  /** Refused with these words, and the test's branch does not exist. */
  expectRefused(ran: Ran, ...words: readonly string[]): void;
}

/** To be called at the top of a test file. */
export function usePusher(): Pusher {
  let opened: GitWorld | undefined;
  let clone = "";
  let claim: ContractClaim = { task: "", fence: 0 };
  let count = 0;
  const world = (): GitWorld => {
    if (opened === undefined) throw new Error("there is no world outside of a test");
    return opened;
  };
  beforeAll(async () => {
    opened = await openGitWorld();
    clone = await opened.clone("aorus", "work");
  });
  afterAll(() => opened?.close());
  beforeEach(async () => {
    count += 1;
    world().git(clone, ["checkout", "--quiet", "--force", "-B", pusher.branch, "origin/main"]);
    claim = await world().book.claimed("aorus", ["src/**"]);
  });
  const pusher: Pusher = {
    get world() {
      return world();
    },
    get clone() {
      return clone;
    },
    get claim() {
      return claim;
    },
    get branch() {
      return `test-${count}`;
    },
    get count() {
      return count;
    },
    forge: (over = {}) =>
      world().forge(clone, {
        files: { "src/parser.ts": `export const n = ${count};\n` },
        message: `Add a parser\n\nWords about it.\n\n${trailersOf(claim, "aorus")}`,
        author: "aorus",
        key: "aorus",
        ...over,
      }),
    push: (commit, ref = `refs/heads/${pusher.branch}`, options = []) =>
      world().git(clone, ["push", "--quiet", ...options, "origin", `${commit}:${ref}`]),
    onServer: (ref) => world().git(world().server, ["rev-parse", "--verify", "--quiet", ref]).out,
    expectRefused({ code, said }, ...words) {
      for (const word of ["This push is refused", "lawful:", ...words]) expect(said).toContain(word);
      expect(code).not.toBe(0);
      expect(pusher.onServer(`refs/heads/${pusher.branch}`)).toBe("");
    },
  };
  return pusher;
}

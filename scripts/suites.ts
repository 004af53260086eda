/** What a test needs beyond the default install is said by its file's suffix; each suffix is a suite. */
export const suites = {
  broker: { suffix: ".broker.test.ts", needs: "a real ActiveMQ" },
  llama: { suffix: ".llama.test.ts", needs: "the real weights of SmolLM2" },
  fault: { suffix: ".fault.test.ts", needs: "time: it kills processes and waits for the rest to recover" },
  judge: {
    suffix: ".judge.test.ts",
    needs:
      "two minutes: the conformance suites, the MCP inspector and the SDKs judge a node, docs/join.md is tried out",
  },
  browser: { suffix: ".browser.test.ts", needs: "Chromium (as root on Debian: apt-get install chromium)" },
  vscode: {
    suffix: ".vscode.test.ts",
    needs: "Chromium, and code-server, which it installs once (npm, python3 and a C++ compiler; 620 MB, two minutes)",
  },
  git: { suffix: ".git.test.ts", needs: "git, and minutes: real repositories, hooks, commits and pushes" },
  long: {
    suffix: ".long.test.ts",
    needs: "minutes: missions that run into each deadline, random walks through the rules, a database of some weeks",
  },
  pg: { suffix: ".pg.test.ts", needs: "a real PostgreSQL (part of the default run)" },
} as const;

export type SuiteName = keyof typeof suites;

/** Left out of the default run, which must pass on a machine with nothing but Node, in minutes. */
export const onDemand: readonly SuiteName[] = ["broker", "llama", "fault", "judge", "browser", "vscode", "long", "git"];

export function isSuiteName(word: string): word is SuiteName {
  return Object.hasOwn(suites, word);
}

/**
 * What is run, and every place where it does not come out clean, with the reason. A run that fails without a row here
 * fails the test, and so does a row whose scenario passes: this list can only tell the truth.
 */
import type { SuiteRun } from "./run-suite.ts";

export const serverRuns = [
  { title: "2025-11-25, by 0.1.16", suite: "conformance-0.1", specVersion: "2025-11-25" },
  { title: "2025-06-18, by 0.2.0", suite: "conformance-0.2", specVersion: "2025-06-18" },
  { title: "2025-11-25, by 0.2.0", suite: "conformance-0.2", specVersion: "2025-11-25" },
  { title: "2026-07-28, by 0.2.0", suite: "conformance-0.2", specVersion: "2026-07-28" },
] as const satisfies readonly (SuiteRun & { readonly title: string })[];

export type ServerRun = (typeof serverRuns)[number];

export interface Exception {
  readonly scenario: string;
  /** Checks of the scenario that fail or warn; all others must pass. */
  readonly checks: readonly string[];
  readonly reason: string;
}

export const exceptions: Readonly<Record<ServerRun["title"], readonly Exception[]>> = {
  "2025-11-25, by 0.1.16": [],
  "2025-06-18, by 0.2.0": [],
  "2025-11-25, by 0.2.0": [],
  "2026-07-28, by 0.2.0": [
    {
      scenario: "http-custom-header-server-validation",
      checks: [
        "sep-2243-server-no-xmcp-tool",
        "sep-2243-server-decode-base64",
        "sep-2243-server-validate-param-match",
        "sep-2243-server-reject-invalid-param-chars",
        "sep-2243-server-reject-param-mismatch",
      ],
      reason:
        "No tool of a node asks for an argument to be repeated as a header (`x-mcp-header`), so there is nothing to validate. Who owns the connection (the substrate) knows no tools, on purpose, and could not. The suite counts it as pending for its own reference server too.",
    },
  ],
};

/** Scenarios of the server suites that no run has, by the start of their names. */
export const notOffered: readonly { readonly prefix: string; readonly reason: string }[] = [
  {
    prefix: "tasks-",
    reason:
      "The extension io.modelcontextprotocol/tasks is not offered: what takes long here is a task of the mesh, a row with a holder and a lease, which a client follows by its id whatever happens to the connection.",
  },
  {
    prefix: "sep-2640-skills-",
    reason: "The extension for skills is not offered: what an agent has to know is in the charter and in the prompts.",
  },
];

/**
 * Which client scenarios meet something that is shipped here. `federation mcp` stands between a host and its node, so
 * what can be judged is whether a host that passes by itself still passes through it: everything about messages. What is
 * about HTTP or logins between host and server is not there.
 */
import type { SuiteRun } from "../run-suite.ts";

export const clientRuns = [
  {
    title: "2025-11-25, by 0.1.16",
    suite: "conformance-0.1",
    specVersion: "2025-11-25",
    scenarios: ["initialize", "tools_call", "elicitation-sep1034-client-defaults"],
  },
  {
    title: "2025-11-25, by 0.2.0",
    suite: "conformance-0.2",
    specVersion: "2025-11-25",
    scenarios: ["initialize", "tools_call", "elicitation-sep1034-client-defaults", "json-schema-2020-12-preservation"],
  },
  {
    title: "2026-07-28, by 0.2.0",
    suite: "conformance-0.2",
    specVersion: "2026-07-28",
    scenarios: [
      "tools_call",
      "request-metadata",
      "sep-2322-client-request-state",
      "json-schema-ref-no-deref",
      "json-schema-2020-12-preservation",
    ],
  },
] as const satisfies readonly (SuiteRun & { readonly title: string; readonly scenarios: readonly string[] })[];

/** The others, by the start of their names. */
export const clientNotRun: readonly { readonly prefix: string; readonly reason: string }[] = [
  {
    prefix: "auth/",
    reason:
      "No client here logs in by OAuth. The stub and the control client send the token they find in a file, and a node that does not know it answers 401 without naming a login server.",
  },
  { prefix: "sse-retry", reason: "Event streams are how HTTP carries messages; the clients here speak WebSocket." },
  {
    prefix: "http-",
    reason: "These are headers of HTTP requests that repeat what a message says; over WebSocket there are none.",
  },
  { prefix: "sep-2640-client-", reason: "The extension for skills is not used." },
];

/** Pure: what a scenario's checks amount to, given what is known of it beforehand. */
import type { Exception } from "./expectations.ts";
import type { Check } from "./run-suite.ts";

export type Verdict =
  | { readonly kind: "passed"; readonly checks: number }
  /** Everything but what the exception names passed. */
  | { readonly kind: "excepted"; readonly reason: string }
  | { readonly kind: "failed"; readonly complaints: readonly string[] };

export function judge(scenario: string, checks: readonly Check[], exceptions: readonly Exception[]): Verdict {
  const exception = exceptions.find((it) => it.scenario === scenario);
  const known = exception?.checks ?? [];
  const bad = checks.filter((check) => check.status === "FAILURE" || check.status === "WARNING");
  const complaints = bad
    .filter((check) => !known.includes(check.id))
    .map((check) => `${check.status} ${check.id}: ${check.errorMessage ?? "no reason given"}`);
  const done = checks.filter((check) => check.status === "SUCCESS").length;
  if (bad.length === 0 && done === 0) complaints.push("not one check was made");
  const stale = known.filter((id) => !bad.some((check) => check.id === id));
  complaints.push(...stale.map((id) => `${id} is an exception and passes: take it out of the table`));
  if (complaints.length > 0) return { kind: "failed", complaints };
  if (exception !== undefined) return { kind: "excepted", reason: exception.reason };
  return { kind: "passed", checks: done };
}

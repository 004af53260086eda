import type { MeshError } from "@federation/core";
import { type GitRefusal, shown } from "../judge/refusal.ts";
import type { JudgedCommit } from "./commit-facts.ts";

/** What a hook says: whether git may go on, and lines for the one who is waiting. */
export interface HookAnswer {
  readonly ok: boolean;
  readonly lines: readonly string[];
}

const MAX_LINES = 60;

/** Three lines per refusal: what, why under which article, and what would be lawful. */
export function refusalLines(what: string, { article, reason, lawful }: GitRefusal): string[] {
  return [`${what}:`, `  ${reason} (${article})`, `  lawful: ${lawful}`];
}

export function refuseWith(what: string, refusal: GitRefusal): HookAnswer {
  return { ok: false, lines: refusalLines(what, refusal) };
}

export function commitLine({ id, subject }: JudgedCommit): string {
  return `commit ${id.slice(0, 12)} "${shown(subject, 60)}"`;
}

/** As it is printed: who speaks, and never more than a screen or two. */
export function printed({ lines }: HookAnswer): string[] {
  const more = lines.length - MAX_LINES;
  const some = more > 0 ? [...lines.slice(0, MAX_LINES), `and ${more} more lines`] : lines;
  return some.map((line) => `federation: ${line}`);
}

/** Where the federation is asked: before a push is taken, before a commit is made, or only to know. */
export type Side = "server" | "clone" | "check";

const byHand: Readonly<Record<Side, readonly string[]>> = {
  server: [
    "Nothing of this push was taken. lawful: push again when it answers.",
    "A human with access to the server may take the commits in by hand there, and answers for them:",
    "git fetch SOURCE BRANCH:BRANCH, run in the server's repository.",
  ],
  clone: [
    "Nothing was committed. lawful: commit again when it answers.",
    "A human may commit past the hooks (git -c core.hooksPath=/dev/null commit -S) and answers for it;",
    "the server judges that commit when it is pushed.",
  ],
  check: ["lawful: ask again when it answers; the server judges every commit that is pushed."],
};

/** The answer when the federation gives none. */
export function unanswered(error: MeshError, side: Side): HookAnswer {
  const why = `The federation does not answer (${shown(error.message, 200)}): nobody can say which claims hold.`;
  return { ok: false, lines: [why, ...byHand[side]] };
}

/** The answer when something could not be read or done: it is never taken for a yes. */
export function failed(error: MeshError): HookAnswer {
  return { ok: false, lines: [`This could not be judged, so it is refused: ${shown(error.message, 400)}`] };
}

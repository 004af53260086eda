/**
 * Whether a push may move one ref. Who pushes is not known here, only who signed what: so a push adds, and what takes
 * away (a deletion, a rewritten branch, a moved tag) is left to people with access to the server.
 */
import type { SigningKey } from "@federation/runtime/ports";
import { type Ident, isIdentOf } from "./identity.ts";
import { refuseSignature, type Signature } from "./judge-commit.ts";
import { type GitRefusal, shown, unclaimed, unproven } from "./refusal.ts";

export interface RefUpdate {
  /** All zeros: there was none. */
  readonly before: string;
  /** All zeros: it is to go. */
  readonly after: string;
  readonly ref: string;
}

export interface TagFacts {
  readonly name: string;
  readonly targetType: string;
  readonly tagger: Ident | undefined;
  readonly signature: Signature;
}

export interface RefFacts {
  readonly update: RefUpdate;
  /** What `after` is; undefined: no such object. */
  readonly type: string | undefined;
  /** Whether `before` leads to `after`; true for a new ref. */
  readonly forward: boolean;
  /** Of an annotated tag; a string: why it cannot be read. */
  readonly tag: TagFacts | string | undefined;
  /** Whether only a human's commit may become its tip. */
  readonly reserved: boolean;
  /** Who signed the tip, when that was asked for. */
  readonly tip: SigningKey | undefined;
}

export const isZero = (id: string): boolean => /^0+$/.test(id);

const byHand = (what: string): string => `a human with access to the server may ${what} there by hand`;

export function judgeRef(facts: RefFacts): GitRefusal | undefined {
  const { update, type } = facts;
  if (isZero(update.after)) return unclaimed("a push does not delete", byHand("delete it (git update-ref -d)"));
  if (!isPlainName(update.ref))
    return unclaimed(
      "only branches and tags with plain names are pushed here",
      "push to refs/heads/NAME, with a name that neither begins with a dash nor looks like a hash or another ref",
    );
  if (type === undefined) return unclaimed("its new value is no object of this repository", "push again");
  return update.ref.startsWith("refs/tags/") ? judgeTag(facts) : judgeBranch(facts);
}

function judgeBranch({ update, type, forward, reserved, tip }: RefFacts): GitRefusal | undefined {
  if (type !== "commit") return unclaimed(`a branch points to a commit, not to a ${type}`, "push a commit");
  if (!forward)
    return unclaimed(
      "it would rewrite what is there",
      `push to a branch of another name; ${byHand("move this one (git update-ref)")}`,
    );
  if (reserved && tip?.kind !== "human")
    return unclaimed(
      `${shown(update.ref)} moves only to a commit that a human signed`,
      "push to a branch of your own, and ask the human to merge it",
    );
  return undefined;
}

function judgeTag({ update, tag }: RefFacts): GitRefusal | undefined {
  const human = "ask the human to tag: git tag -s NAME COMMIT";
  if (!isZero(update.before)) return unclaimed("a tag is not moved", `use a new name; ${byHand("move it")}`);
  if (tag === undefined) return unproven("a tag without an annotation says of nobody that it is theirs", human);
  if (typeof tag === "string") return unproven(tag, human);
  const refusal = refuseSignature(tag.signature);
  if (refusal !== undefined || tag.signature.kind !== "good") return refusal;
  const { key } = tag.signature;
  if (key.kind !== "human") return unclaimed(`tags are a human's, and ${key.actor} is none`, human);
  if (tag.tagger === undefined || !isIdentOf(key.actor, tag.tagger))
    return unproven(`it is signed by ${key.actor}, and says that somebody else made it`, human);
  if (`refs/tags/${tag.name}` !== update.ref)
    return unproven(`the tag names itself "${shown(tag.name)}"`, "push it under its own name");
  if (tag.targetType !== "commit") return unclaimed(`it tags a ${shown(tag.targetType)}, not a commit`, human);
  return undefined;
}

/** Git has checked the form; this leaves out names that a command or a reader could take for something else. */
function isPlainName(ref: string): boolean {
  const name = /^refs\/(?:heads|tags)\/(.+)$/s.exec(ref)?.[1];
  if (name === undefined || ref.length > 400) return false;
  if (/[\p{C}\p{Z}]/u.test(name) || name.startsWith("-") || name.startsWith("refs/")) return false;
  return !/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/i.test(name) && !/^(?:HEAD|FETCH_HEAD|ORIG_HEAD|MERGE_HEAD)$/i.test(name);
}

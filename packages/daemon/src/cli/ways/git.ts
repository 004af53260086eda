import { MeshError } from "@federation/core";
import { readSigningKey } from "../read-files.ts";
import { showClaimOf, showClaims, showKeys } from "../show/show-git.ts";
import { type Way, way } from "../way.ts";
import { done } from "./parts.ts";

const kinds = ["human_merge", "push_accepted", "push_refused"] as const;

/** What git asks, and keys that sign commits. */
export const gitWays: readonly Way[] = [
  way("ListClaims", "claim list", {
    options: [["--actor <actor>", "of this actor instead of mine"]],
    request: (given) => ({ actor: given.maybe("actor") }),
    show: showClaims,
  }),
  way("ShowClaim", "claim show <task> <fence>", {
    request: (given) => ({ task: given.text("task"), fence: given.whole("fence") ?? 0 }),
    show: showClaimOf,
    failed: (answer) => answer.claim === null,
  }),
  way("ListSigningKeys", "key list", { request: () => ({}), show: showKeys }),
  way("AddSigningKey", "key add <file>", {
    options: [["--actor <actor>", "for this actor; only a commander may"]],
    request: async (given) => ({ actor: given.maybe("actor"), ...(await readSigningKey(given.text("file"))) }),
    show: (_, answer) => `Registered ${answer.fingerprint}.`,
  }),
  way("RevokeSigningKey", "key revoke <fingerprint>", {
    request: (given) => ({ fingerprint: given.text("fingerprint") }),
    show: done("The key counts no more."),
  }),
  way("RecordGit", "git record <kind> <ref>", {
    options: [
      ["--actor <actor>", "whose signature it is about"],
      ["--commit <id>", "the commit it is about"],
      ["--reason <text>", "why, for the record"],
    ],
    request: (given) => {
      const kind = kinds.find((it) => it === given.text("kind"));
      if (kind === undefined) throw new MeshError("invalid_input", `The kind is one of ${kinds.join(", ")}.`);
      return {
        entries: [
          {
            kind,
            actor: given.maybe("actor") ?? null,
            commit: given.maybe("commit") ?? null,
            ref: given.text("ref"),
            reason: given.maybe("reason") ?? "",
          },
        ],
      };
    },
    show: done("It is on record."),
  }),
];

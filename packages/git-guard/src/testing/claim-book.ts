/**
 * A registry for tests: claims, keys and records as plain data, kept in memory or in a file that a hook's own process
 * reads too. It proves to be one by the contract of claim registries.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { MeshError, type Role } from "@federation/core";
import type { ClaimRecord, ClaimRegistry, GitRecord, SigningKey } from "@federation/runtime/ports";
import type { ClaimRegistryWorld, ContractClaim } from "@federation/testkit/contracts";

type Standing = "live" | "submitted" | "accepted" | "sent back" | "handed back" | "ran out";

interface BookedClaim {
  readonly task: string;
  readonly fence: number;
  readonly holder: string;
  readonly scope: readonly string[];
  readonly standing: Standing;
  readonly commit: string | null;
}

interface Pages {
  readonly actors: Readonly<Record<string, { readonly kind: SigningKey["kind"]; readonly role: Role }>>;
  readonly claims: readonly BookedClaim[];
  readonly keys: readonly SigningKey[];
  readonly records: readonly GitRecord[];
  /** The federation does not answer. */
  readonly away: boolean;
}

export interface ClaimBook extends ClaimRegistryWorld {
  /** From now on every question fails, until it is false again. */
  setAway(away: boolean): void;
}

const empty: Pages = {
  actors: {
    aorus: { kind: "agent", role: "developer" },
    baby: { kind: "agent", role: "analyst" },
    rob: { kind: "human", role: "commander" },
  },
  claims: [],
  keys: [],
  records: [],
  away: false,
};

/** `file`: where the pages are kept, so that other processes see them; in memory without it. */
export function openClaimBook(file?: string): ClaimBook {
  let memory = empty;
  const read = (): Pages =>
    file === undefined ? memory : existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : empty;
  const write = (pages: Pages): void => {
    memory = pages;
    if (file !== undefined) writeFileSync(file, JSON.stringify(pages));
  };
  const change = (standing: Standing, { task, fence }: ContractClaim): void => {
    const pages = read();
    const same = (it: BookedClaim): boolean => it.task === task && it.fence === fence;
    if (!pages.claims.some(same)) throw new Error("there is no such claim");
    write({ ...pages, claims: pages.claims.map((it) => (same(it) ? { ...it, standing } : it)) });
  };
  const add = (task: string, holder: string, scope: readonly string[]): ContractClaim => {
    const pages = read();
    const fence = 1 + Math.max(0, ...pages.claims.filter((it) => it.task === task).map((it) => it.fence));
    write({ ...pages, claims: [...pages.claims, { task, fence, holder, scope, standing: "live", commit: null }] });
    return { task, fence };
  };
  const scopeOf = (task: string): readonly string[] => read().claims.find((it) => it.task === task)?.scope ?? [];
  return {
    registry: registryOf(read, write),
    actors: { one: "aorus", two: "baby", human: "rob" },
    claimed: async (actor, scope) => add(taskId(read().claims.length + 1), actor, scope),
    submitted: async (claim) => change("submitted", claim),
    accepted: async (claim) => change("accepted", claim),
    async sentBack(claim) {
      change("sent back", claim);
      const holder = read().claims.find((it) => it.task === claim.task && it.fence === claim.fence)?.holder ?? "";
      return add(claim.task, holder, scopeOf(claim.task));
    },
    handedBack: async (claim) => change("handed back", claim),
    ranOut: async (claim) => change("ran out", claim),
    claimedAgain: async (task, actor) => add(task, actor, scopeOf(task)),
    async linked({ task, fence }, commit) {
      const pages = read();
      const claims = pages.claims.map((it) => (it.task === task && it.fence === fence ? { ...it, commit } : it));
      write({ ...pages, claims });
    },
    async keyRegistered(actor, publicKey) {
      const pages = read();
      const known = pages.actors[actor];
      if (known === undefined) throw new Error(`there is no actor ${actor}`);
      if (pages.keys.some((it) => it.publicKey === publicKey)) throw new Error("this key is registered");
      write({ ...pages, keys: [...pages.keys, { actor, ...known, publicKey, revokedAt: null }] });
    },
    async keyRevoked(publicKey) {
      const pages = read();
      const revokedAt = "2026-01-01T00:00:00.000Z";
      write({ ...pages, keys: pages.keys.map((it) => (it.publicKey === publicKey ? { ...it, revokedAt } : it)) });
    },
    recorded: async () => read().records,
    close: async () => undefined,
    setAway: (away) => write({ ...read(), away }),
  };
}

function taskId(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
}

function registryOf(read: () => Pages, write: (pages: Pages) => void): ClaimRegistry {
  const asked = (): Pages => {
    const pages = read();
    if (pages.away) throw new MeshError("unavailable", "The database is away.");
    return pages;
  };
  return {
    async claim(task, fence) {
      const { claims } = asked();
      const found = claims.find((it) => it.task === task && it.fence === fence);
      return found === undefined ? undefined : recordOf(claims, found);
    },
    async liveClaims(actor) {
      const { claims } = asked();
      return claims.filter((it) => it.holder === actor && it.standing === "live").map((it) => recordOf(claims, it));
    },
    signingKeys: async () => asked().keys,
    async record(entries) {
      const pages = asked();
      for (const { actor } of entries) {
        if (actor !== null && pages.actors[actor] === undefined)
          throw new MeshError("invalid_input", `There is no actor ${actor}.`);
      }
      write({ ...pages, records: [...pages.records, ...entries] });
    },
  };
}

function recordOf(claims: readonly BookedClaim[], it: BookedClaim): ClaimRecord {
  const { task, fence, holder, scope, standing, commit } = it;
  return { task, fence, holder, scope, commit, standing, state: stateOf(claims, it) };
}

function stateOf(claims: readonly BookedClaim[], it: BookedClaim): ClaimRecord["state"] {
  if (it.standing === "live") return "live";
  if (it.standing === "submitted" || it.standing === "accepted") return "finished";
  if (it.standing !== "sent back") return "ended";
  const next = claims.find((other) => other.task === it.task && other.fence > it.fence);
  return next?.holder === it.holder && stateOf(claims, next) !== "ended" ? "finished" : "ended";
}

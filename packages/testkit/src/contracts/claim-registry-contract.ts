/**
 * What a guard of git repositories relies on when it asks the federation about claims and keys, proven on the registry
 * in memory and on the real rows.
 */
import { MeshError } from "@federation/core";
import type { ClaimRegistry, GitRecord } from "@federation/runtime/ports";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

export interface ContractClaim {
  readonly task: string;
  readonly fence: number;
}

/** A federation in which things happen, by whatever way they happen there. */
export interface ClaimRegistryWorld {
  readonly registry: ClaimRegistry;
  /** Two agents and a human that exist in it. */
  readonly actors: { readonly one: string; readonly two: string; readonly human: string };
  /** A new task, claimed by this actor: the lease is live. */
  claimed(actor: string, scope: readonly string[]): Promise<ContractClaim>;
  submitted(claim: ContractClaim): Promise<void>;
  /** What was submitted is accepted. */
  accepted(claim: ContractClaim): Promise<void>;
  /** What was submitted goes back to its author, who goes on under the fence that is answered. */
  sentBack(claim: ContractClaim): Promise<ContractClaim>;
  handedBack(claim: ContractClaim): Promise<void>;
  /** The lease has run out. */
  ranOut(claim: ContractClaim): Promise<void>;
  /** A task that nobody holds is assigned to this actor and claimed. */
  claimedAgain(task: string, actor: string): Promise<ContractClaim>;
  /** The submission under this claim is linked with a commit. */
  linked(claim: ContractClaim, commit: string): Promise<void>;
  keyRegistered(actor: string, publicKey: string): Promise<void>;
  keyRevoked(publicKey: string): Promise<void>;
  recorded(): Promise<readonly GitRecord[]>;
  close(): Promise<void>;
}

export interface ClaimRegistryContractOptions {
  readonly name: string;
  readonly open: () => Promise<ClaimRegistryWorld>;
}

const noTask = "00000000-0000-4000-8000-00000000ffff";
const keys = [
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4/",
] as const;

export function claimRegistryContract(options: ClaimRegistryContractOptions): void {
  describe(`claim registry contract: ${options.name}`, () => {
    let world: ClaimRegistryWorld;
    let registry: ClaimRegistry;
    beforeAll(async () => {
      world = await options.open();
      registry = world.registry;
    });
    afterAll(() => world.close());

    const stateOf = async ({ task, fence }: ContractClaim): Promise<string | undefined> =>
      (await registry.claim(task, fence))?.state;
    const tasksOf = async (actor: string): Promise<readonly string[]> =>
      (await registry.liveClaims(actor)).map((it) => it.task);

    test("a claim is live while its lease is, and says whose it is and how far it reaches", async () => {
      const { one, two } = world.actors;
      const claim = await world.claimed(one, ["src/**", "docs/*.md"]);
      const known = await registry.claim(claim.task, claim.fence);
      expect(known).toMatchObject({
        ...claim,
        holder: one,
        state: "live",
        scope: ["src/**", "docs/*.md"],
        commit: null,
      });
      expect(known?.standing).not.toBe("");
      expect(await registry.liveClaims(one)).toContainEqual(known);
      expect(await tasksOf(two)).not.toContain(claim.task);
    });

    test("a task without patterns has an empty scope", async () => {
      const claim = await world.claimed(world.actors.one, []);
      expect((await registry.claim(claim.task, claim.fence))?.scope).toEqual([]);
    });

    test("there is no claim under another fence, and none on a task that never was", async () => {
      const claim = await world.claimed(world.actors.one, []);
      expect(await registry.claim(claim.task, claim.fence + 1)).toBeUndefined();
      expect(await registry.claim(noTask, 1)).toBeUndefined();
      expect(await registry.liveClaims("nobody-of-this-name")).toEqual([]);
    });

    test("submitted is finished, and accepted stays so", async () => {
      const claim = await world.claimed(world.actors.one, []);
      await world.submitted(claim);
      expect(await stateOf(claim)).toBe("finished");
      expect(await tasksOf(world.actors.one)).not.toContain(claim.task);
      await world.accepted(claim);
      expect(await stateOf(claim)).toBe("finished");
    });

    test("what is sent back stays lawful while its author goes on under the next fence", async () => {
      const first = await world.claimed(world.actors.one, []);
      await world.submitted(first);
      const next = await world.sentBack(first);
      expect(next.fence).toBeGreaterThan(first.fence);
      expect(await stateOf(next)).toBe("live");
      expect(await stateOf(first)).toBe("finished");
      expect((await registry.claim(first.task, first.fence))?.holder).toBe(world.actors.one);
    });

    test("a claim that ran out or was handed back has ended", async () => {
      const late = await world.claimed(world.actors.one, []);
      await world.ranOut(late);
      const back = await world.claimed(world.actors.one, []);
      await world.handedBack(back);
      expect(await stateOf(late)).toBe("ended");
      expect(await stateOf(back)).toBe("ended");
      expect(await tasksOf(world.actors.one)).not.toContain(late.task);
      expect(await tasksOf(world.actors.one)).not.toContain(back.task);
    });

    test("who holds a task now has not held it under an earlier fence", async () => {
      const { one, two } = world.actors;
      const first = await world.claimed(one, ["src/**"]);
      await world.handedBack(first);
      const second = await world.claimedAgain(first.task, two);
      expect(await registry.claim(first.task, first.fence)).toMatchObject({ holder: one, state: "ended" });
      expect(await registry.claim(second.task, second.fence)).toMatchObject({ holder: two, state: "live" });
    });

    test("a result that is linked with a commit names it", async () => {
      const claim = await world.claimed(world.actors.one, []);
      await world.submitted(claim);
      await world.linked(claim, "a".repeat(40));
      expect((await registry.claim(claim.task, claim.fence))?.commit).toBe("a".repeat(40));
    });

    test("keys are known with whose they are, and a revoked one stays known as revoked", async () => {
      const { one, human } = world.actors;
      await world.keyRegistered(one, keys[0]);
      await world.keyRegistered(human, keys[1]);
      await world.keyRevoked(keys[0]);
      const known = await registry.signingKeys();
      const of = (key: string) => known.find((it) => it.publicKey.startsWith(key));
      expect(of(keys[0])).toMatchObject({ actor: one, kind: "agent" });
      expect(of(keys[0])?.revokedAt).not.toBeNull();
      expect(of(keys[1])).toMatchObject({ actor: human, kind: "human", role: "commander", revokedAt: null });
    });

    test("what is recorded is on record, with its names and without", async () => {
      const entries: readonly GitRecord[] = [
        {
          kind: "human_merge",
          actor: world.actors.human,
          commit: "b".repeat(40),
          ref: "refs/heads/contract",
          reason: 'Merge it\'s "quoted" \\ and \u{1f701}',
        },
        { kind: "push_refused", actor: null, commit: null, ref: "r".repeat(400), reason: "x".repeat(4_000) },
      ];
      await registry.record(entries);
      const recorded = await world.recorded();
      for (const entry of entries) expect(recorded).toContainEqual(entry);
    });

    test("of a list in which one entry cannot be recorded nothing is", async () => {
      const good: GitRecord = { kind: "push_accepted", actor: null, commit: null, ref: "refs/heads/half", reason: "" };
      const bad: GitRecord = { ...good, actor: "nobody-of-this-name" };
      await expect(registry.record([good, bad])).rejects.toBeInstanceOf(MeshError);
      expect(await world.recorded()).not.toContainEqual(good);
    });
  });
}

import type { CharterParameters, Operation, Words } from "@federation/core";
import { overrideCharter } from "../adopt-charter.ts";
import { ANALYST, type Federation, LEAD, startFederation } from "./federation-fixture.ts";

/** A federation for tests of tasks: law, leases and presence are changed at will. */
export interface TaskWorld {
  readonly federation: Federation;
  /** Puts other parameters in force, laid over the shipped ones by article; `{}`: the shipped ones. */
  law(over: LawChange): Promise<void>;
  /** Lets the lease of a claim run out. */
  expireLease(task: string): Promise<unknown>;
  goAway(actor: string): Promise<unknown>;
  comeBack(actor: string): Promise<unknown>;
  reconcile(): Promise<readonly string[]>;
}

export type LawChange = { readonly [A in keyof CharterParameters]?: Partial<CharterParameters[A]> };

export const claim = (task: string): Operation => ({ op: "claim_task", task });
export const refused = (article: string) => ({ code: "refused", details: { article } });
export const result: Words = { text: "Done.", files: [{ path: "a.md", content: "x" }] };
/** What `result` rests on. */
export const evidence = ["file:a.md"];

export async function startTaskWorld(): Promise<TaskWorld> {
  const federation = await startFederation();
  const { parameters: shipped } = await federation.store(LEAD).me();
  return {
    federation,
    async law(over) {
      const articles = Object.entries(shipped).map(([id, parameters]) => [
        id,
        { ...parameters, ...Object.entries(over).find(([changed]) => changed === id)?.[1] },
      ]);
      await overrideCharter(federation.adminUrl, Object.fromEntries(articles), "test");
    },
    expireLease: (task) =>
      federation.owner("update federation.tasks set lease_until = clock_timestamp() - interval '1 ms' where id = $1", [
        task,
      ]),
    goAway: (actor) =>
      federation.owner("update federation.presence set lease_until = clock_timestamp() where actor = $1", [actor]),
    comeBack: (actor) =>
      federation.owner("update federation.presence set lease_until = 'infinity' where actor = $1", [actor]),
    reconcile: () => federation.store(ANALYST).reconcile(),
  };
}

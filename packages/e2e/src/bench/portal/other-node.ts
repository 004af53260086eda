/** A second node's login: what it does is done through the database, and rings nothing at the commander's node. */
import { randomUUID } from "node:crypto";
import { allScopes, type ControlName, type ControlResponse, defaultPersonas } from "@federation/core";
import { createControlService, createCounters, createNews } from "@federation/runtime";
import { addNode, connectStore } from "@federation/store";
import { clock, log, random } from "../../mesh/mesh-fixture.ts";

export interface OtherNode {
  readonly actor: string;
  call<N extends ControlName>(name: N, request: unknown): Promise<ControlResponse<N>>;
  close(): Promise<void>;
}

const role = "developer";
const version = "0.1.0";
const none = { state: "closed" } as const;

/** Its control API without its loops: it neither publishes nor takes turns. */
export async function startOtherNode(adminUrl: string, actor: string): Promise<OtherNode> {
  const persona = defaultPersonas[role];
  const { login, password } = await addNode(adminUrl, { name: actor, kind: "agent", role, persona });
  const url = new URL(adminUrl);
  url.username = login;
  url.password = password;
  const store = connectStore({ url: url.href, applicationName: `bench-${actor}` }, { clock, random, log });
  const opened = await store.open({ instance: randomUUID(), takeOver: true, version });
  if (opened.outcome !== "opened") throw new Error(`${actor} is occupied`);
  const stop = new AbortController();
  const control = createControlService({
    store,
    actor,
    move: async () => {},
    lookForWork: () => {},
    news: createNews(clock),
    clock,
    random,
    log,
    counters: createCounters(),
    version,
    brokers: () => ({ publish: none, consume: none }),
    model: () => "none",
  });
  return {
    actor,
    call: async <N extends ControlName>(name: N, request: unknown) =>
      // The service answers a value of the entry's response schema.
      (await control.call(name, request, {
        actor,
        role,
        scopes: allScopes,
        credential: "bearer:bench",
        callId: randomUUID(),
        signal: stop.signal,
      })) as ControlResponse<N>,
    async close() {
      stop.abort();
      await store.close({ deadlineMs: 2_000 });
    },
  };
}

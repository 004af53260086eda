import { type ControlName, type ControlRequest, MeshError } from "@federation/core";
import type { Database } from "./connection.ts";

/** What queries of the control API are made of. */
export type Handler<N extends ControlName> = (db: Database, request: ControlRequest<N>, as: string) => Promise<unknown>;
export type Handlers<N extends ControlName> = { readonly [Name in N]: Handler<Name> };

/** Rows of one JSON value each. */
export async function list(db: Database, sql: string, values: readonly unknown[]): Promise<readonly unknown[]> {
  return (await db.all<{ j: unknown }>(sql, values)).map((row) => row.j);
}

export function found<T>(rows: readonly T[], what: string): T {
  const row = rows[0];
  if (row === undefined) throw new MeshError("not_found", `There is no such ${what}, or none that you may see.`);
  return row;
}

/**
 * What the caller ($1) may not see is as if it were not there: messages, missions and turns are visible to the members of
 * their conversation, and to the commander.
 */
export const visibleIn = (conversation: string): string =>
  `(exists (select 1 from federation.members v where v.conversation = ${conversation} and v.actor = $1) or exists (select 1 from federation.actors v where v.name = $1 and v.role = 'commander'))`;

/** Of a row `m` with a conversation. */
export const visible = visibleIn("m.conversation");

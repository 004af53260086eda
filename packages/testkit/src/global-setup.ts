import { offerSharedServer } from "./postgres/shared.ts";

/** Vitest's global setup: offers the run one PostgreSQL, which starts when the first test asks for a database. */
export async function setup(): Promise<() => Promise<void>> {
  return await offerSharedServer();
}

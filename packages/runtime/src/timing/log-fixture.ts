import type { Log } from "../ports/log.ts";

/** For tests that assert on what happened, not on what was said about it. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

import type { Log } from "@federation/runtime/ports";

export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

import path from "node:path";

const daemon = path.join(import.meta.dirname, "../../../../daemon");

/** The programs as a user starts them, and those of the daemon's tests. */
export const federation = path.join(daemon, "bin/federation.mjs");
export const federationd = path.join(daemon, "bin/federationd.mjs");
/** A substrate with an impl of one's choice: `CONFIG IMPL`. */
export const daemonWithImpl = path.join(daemon, "src/substrate/testing/fixture-daemon.ts");
/** The logic of a real node. */
export const realImpl = path.join(daemon, "src/impl/main.ts");

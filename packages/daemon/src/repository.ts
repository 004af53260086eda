import { fileURLToPath } from "node:url";

/** Where this checkout keeps what is not code. Programs run from the sources; there is no build step. */
const root = new URL("../../../", import.meta.url);

const at = (path: string): string => fileURLToPath(new URL(path, root));

export const repository = {
  root: at("."),
  migrations: at("migrations"),
  charter: at("charter"),
  /** What Vite makes of the portal. */
  portal: at("packages/portal/dist"),
  nodeProfiles: at("deploy/nodes"),
  federationd: at("packages/daemon/bin/federationd.mjs"),
  gitHook: at("packages/daemon/bin/git-hook.mjs"),
} as const;

/** Version of this build; the database says from which one on it serves. */
export const buildVersion = "0.1.0";

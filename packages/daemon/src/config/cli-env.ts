import type { Environment } from "./override.ts";

/** The caller's environment as it is: git tells its hooks by it which repository they are in. */
export const callersEnvironment = (): Environment => process.env;

/** What the command line program takes from the environment. */
export interface CliEnvironment {
  /** `FEDERATION_URL`: address of the node to talk to. */
  readonly url: string | undefined;
  /** `FEDERATION_TOKEN_FILE`: file that holds its bearer token. */
  readonly tokenFile: string | undefined;
  /** `FEDERATION_OWNER_URL_FILE`: file with the database's URL and its owner's login. */
  readonly ownerUrlFile: string | undefined;
  /** `NO_COLOR` is set, to anything (no-color.org). */
  readonly noColour: boolean;
  /** `FED_INSECURE=1`: plain text to another machine is allowed. */
  readonly insecure: boolean;
  /** There is a screen to open a page on: not over SSH, not in a run of CI, and on Linux a display. */
  readonly hasScreen: boolean;
}

/** An empty variable counts as not set. */
export function readCliEnvironment(
  environment: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
): CliEnvironment {
  const value = (name: string): string | undefined => (environment[name] === "" ? undefined : environment[name]);
  return {
    url: value("FEDERATION_URL"),
    tokenFile: value("FEDERATION_TOKEN_FILE"),
    ownerUrlFile: value("FEDERATION_OWNER_URL_FILE"),
    noColour: value("NO_COLOR") !== undefined,
    insecure: value("FED_INSECURE") === "1",
    hasScreen:
      value("SSH_CONNECTION") === undefined &&
      value("CI") === undefined &&
      (platform !== "linux" || value("DISPLAY") !== undefined || value("WAYLAND_DISPLAY") !== undefined),
  };
}

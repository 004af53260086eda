import { describe, expect, it } from "vitest";
import { readCliEnvironment } from "./cli-env.ts";

describe("what the command line program takes from the environment", () => {
  it("is nothing where an empty variable stands", () => {
    const names = ["FEDERATION_URL", "FEDERATION_TOKEN_FILE", "FEDERATION_OWNER_URL_FILE", "NO_COLOR", "FED_INSECURE"];
    expect(readCliEnvironment(Object.fromEntries(names.map((name) => [name, ""])))).toEqual({
      ...readCliEnvironment({}),
      url: undefined,
      tokenFile: undefined,
      ownerUrlFile: undefined,
      noColour: false,
      insecure: false,
    });
  });

  it.each([
    ["linux", { DISPLAY: ":0" }, true],
    ["linux", { WAYLAND_DISPLAY: "wayland-0" }, true],
    ["linux", {}, false],
    ["linux", { DISPLAY: "" }, false],
    ["linux", { DISPLAY: ":10", SSH_CONNECTION: "192.0.2.1 1 192.0.2.2 22" }, false],
    ["linux", { DISPLAY: ":99", CI: "true" }, false],
    ["darwin", {}, true],
    ["darwin", { SSH_CONNECTION: "192.0.2.1 1 192.0.2.2 22" }, false],
    ["win32", {}, true],
    ["win32", { CI: "1" }, false],
  ] as const)("on %s with %j says whether there is a screen: %s", (platform, environment, hasScreen) => {
    expect(readCliEnvironment(environment, platform).hasScreen).toBe(hasScreen);
  });
});

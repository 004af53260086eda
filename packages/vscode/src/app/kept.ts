/** Under which names the editor keeps things for us; secrets are kept apart, in its secret store. */

/** In the workspace: how its node was found. */
export const keptWayKey = "way";
/** In the workspace: where the Observer was. */
export const keptRouteKey = "route";
/** In the workspace: what a person was told of. */
export const keptToldKey = "told";
/** In the workspace: the assistant that was let in. */
export const keptAssistantKey = "assistant";
/** In all windows: addresses whose tokens are kept. */
export const keptAddressesKey = "addresses";

export const tokenSecret = (url: string): string => `token ${url}`;

/** Names that the manifest and the code share. */

/** Of the provider of MCP servers. */
export const assistantProvider = "federation.assistant";
/** The kind of panel. */
export const observerPanel = "federation.observer";

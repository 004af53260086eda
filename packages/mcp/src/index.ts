export { callIdMetaKey } from "./meta-keys.ts";
export type { ExtendServer } from "./server/fixtures.ts";
export { createMcpSessions, type McpSessions, type McpSessionsOptions, type OpenSession } from "./server/sessions.ts";
export { surfaceHash } from "./server/surface.ts";

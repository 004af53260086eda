export { callIdMetaKey } from "./call-id.ts";
export { createMcpSessions, type McpSessions, type McpSessionsOptions, type OpenSession } from "./server/sessions.ts";

export { createProcessLog } from "./process-log.ts";
export { scrubText } from "./scrub.ts";

import type { ServerContext } from "@modelcontextprotocol/server";

const firstMs = 1000;
const slowestMs = 5000;

/**
 * Tells a caller that gave a progress token that its call is still under way: after a second, then less and less
 * often. How far it is nobody knows; what grows is the time. The function that is given back ends it.
 */
export function reportProgress(request: ServerContext["mcpReq"], tool: string): () => void {
  const progressToken = request._meta?.progressToken;
  if (progressToken === undefined) return () => {};
  const startedMs = performance.now();
  let everyMs = firstMs;
  let timer = setTimeout(tell, everyMs);

  function tell(): void {
    const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
    const params = { progressToken, progress: seconds, message: `${tool} is under way for ${Math.round(seconds)} s.` };
    // A client that is gone has nobody to tell.
    request.notify({ method: "notifications/progress", params }).catch(() => {});
    everyMs = Math.min(slowestMs, everyMs * 2);
    timer = setTimeout(tell, everyMs);
  }
  const stop = (): void => clearTimeout(timer);
  request.signal.addEventListener("abort", stop, { once: true });
  return () => {
    stop();
    request.signal.removeEventListener("abort", stop);
  };
}

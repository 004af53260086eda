import type { IncomingMessage } from "node:http";

export type Body =
  | { readonly kind: "whole"; readonly bytes: Buffer }
  | { readonly kind: "too large" }
  | { readonly kind: "cut off" };

/** The body of a request. No more than `maxBytes` of it are ever held; how long it may take is the server's to say. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (body: Body) => {
      request.removeAllListeners("data");
      request.pause();
      resolve(body);
    };
    if (Number(request.headers["content-length"] ?? 0) > maxBytes) return settle({ kind: "too large" });
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) settle({ kind: "too large" });
      else chunks.push(chunk);
    });
    request.once("end", () => settle({ kind: "whole", bytes: Buffer.concat(chunks) }));
    request.once("error", () => settle({ kind: "cut off" }));
    request.once("close", () => settle({ kind: "cut off" }));
  });
}

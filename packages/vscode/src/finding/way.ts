/** How a node was found: kept from one window to the next, and read again at each connection. It holds no secret. */
import { z } from "zod";

export const waySchema = z.discriminatedUnion("kind", [
  /** What `dev` leaves for the command line: its port is another one after each start. */
  z.object({ kind: z.literal("local"), file: z.string().min(1) }),
  z.object({ kind: z.literal("joinFolder"), folder: z.string().min(1) }),
  /** An address, whose token the editor keeps. */
  z.object({ kind: z.literal("address"), url: z.string().min(1) }),
]);
export type Way = z.infer<typeof waySchema>;

/** Where a client goes, and with what. */
export interface Address {
  /** `ws://127.0.0.1:7400/mcp`. */
  readonly url: string;
  readonly token: string;
}

export function sameWay(a: Way, b: Way): boolean {
  return JSON.stringify(waySchema.parse(a)) === JSON.stringify(waySchema.parse(b));
}

/** Of a way, in a few words. */
export function wayText(way: Way): string {
  switch (way.kind) {
    case "local":
      return "the local mesh";
    case "joinFolder":
      return `the node of ${way.folder}`;
    case "address":
      return way.url;
  }
}

/** The same endpoint for clients that speak HTTP. */
export function httpUrl(url: string): string {
  return url.replace(/^ws/, "http");
}

/**
 * What the page and the extension that shows it in an editor say to each other: one contract, a union for each direction.
 *
 * 1. Each side parses what it hears: a page may be of another version than its extension.
 * 2. The extension holds the token and opens the sockets; the page sees frames and never a secret.
 */
import { z } from "zod";

/** A page dials again after each loss, and never this often. */
const line = z.int().min(1).max(1_000_000);
/** As much as a socket to the node takes, either way. */
const text = z.string().max(64 * 1024 * 1024);
export const maxReason = 2_000;

/** From the page to the extension. */
export const pageMessageSchema = z.discriminatedUnion("type", [
  /** The page listens; it may be told where to go. */
  z.object({ type: z.literal("ready") }),
  /** Open a line to the node, under a number of the page's. */
  z.object({ type: z.literal("dial"), line }),
  z.object({ type: z.literal("frame"), line, text }),
  z.object({ type: z.literal("hangUp"), line }),
  z.object({ type: z.literal("openLink"), url: z.string().max(4_000) }),
  z.object({ type: z.literal("openDocument"), kind: z.enum(["report", "charter"]), id: z.string().max(100) }),
  z.object({ type: z.literal("showCommit"), commit: z.string().regex(/^[0-9a-f]{40,64}$/) }),
  /** Where the page is, for the editor to keep. */
  z.object({ type: z.literal("route"), hash: z.string().max(4_000) }),
]);
export type PageMessage = z.infer<typeof pageMessageSchema>;

/** From the extension to the page. */
export const editorMessageSchema = z.discriminatedUnion("type", [
  /** `origin`: where a browser of that machine finds the node's own page. */
  z.object({ type: z.literal("opened"), line, origin: z.string().max(300) }),
  /** `code` is one of the mesh's: unauthenticated, forbidden and config_invalid end the page's tries. */
  z.object({ type: z.literal("refused"), line, code: z.string().max(100), message: z.string().max(maxReason) }),
  z.object({ type: z.literal("frame"), line, text }),
  z.object({ type: z.literal("closed"), line, code: z.int() }),
  z.object({ type: z.literal("go"), hash: z.string().max(4_000) }),
]);
export type EditorMessage = z.infer<typeof editorMessageSchema>;

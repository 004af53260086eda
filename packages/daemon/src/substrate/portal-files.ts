/**
 * The portal's page: a few files that Vite made, served as they are, to anybody who may ask this port at all. There is
 * nothing in them that is secret; what the page shows it asks for as any other client.
 *
 * 1. A name is one of the forms that Vite gives its files, and never a path: nothing outside of the folder can be named,
 *    nor reached by a link inside it.
 * 2. The page may run its own code and reach its own node, and nothing else: what models and strangers write is shown in
 *    it. It may not be framed.
 */
import { readFile, realpath } from "node:fs/promises";
import type { OutgoingHttpHeaders } from "node:http";
import path from "node:path";

export const portalPath = "/portal/";

export interface PortalAnswer {
  readonly status: 200 | 302 | 404 | 503;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer | string;
}

const assetForm = /^assets\/[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.(js|css|svg|woff2)$/;
const types: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  woff2: "font/woff2",
};

/** Sent with everything below `/portal/`. Browsers take `'self'` for the node's own sockets too. */
const guard: OutgoingHttpHeaders = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
};

/** Of what is not there, which the next build may bring. */
const plainText: OutgoingHttpHeaders = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };

const notBuilt =
  "The portal is not built in this checkout. Build it with: npx -y pnpm@12 build:portal, and load this page again.\n";

/** @param folder where the built files are; a new build is served without a restart. */
export async function answerPortal(folder: string, pathname: string): Promise<PortalAnswer | undefined> {
  if (pathname === "/" || pathname === "/portal") {
    return { status: 302, headers: { ...guard, location: portalPath }, body: "" };
  }
  if (!pathname.startsWith(portalPath)) return undefined;
  const name = pathname.slice(portalPath.length);
  if (name === "") {
    const page = await readInside(folder, "index.html");
    if (page === undefined) return { status: 503, headers: { ...guard, ...plainText }, body: notBuilt };
    const headers = { ...guard, "content-type": "text/html; charset=utf-8", "cache-control": "no-store" };
    return { status: 200, headers, body: page };
  }
  const extension = assetForm.exec(name)?.[1];
  const body = extension === undefined ? undefined : await readInside(folder, name);
  if (extension === undefined || body === undefined)
    return { status: 404, headers: { ...guard, ...plainText }, body: "Not here.\n" };
  // Its name holds the hash of its content.
  const headers = {
    ...guard,
    "content-type": types[extension],
    "cache-control": "public, max-age=31536000, immutable",
  };
  return { status: 200, headers, body };
}

/** The file itself: what a link leads to is nobody's to name. */
async function readInside(folder: string, name: string): Promise<Buffer | undefined> {
  try {
    const [root, file] = await Promise.all([realpath(folder), realpath(path.join(folder, name))]);
    return file === path.join(root, name) ? await readFile(file) : undefined;
  } catch {
    return undefined;
  }
}

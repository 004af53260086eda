/**
 * Who may speak to the node's server at all: checked before anything else, without asking impl. Policy about actors is
 * impl's.
 *
 * 1. A browser page of another origin is refused whatever it carries; so is a name that was rebound to loopback. The node's
 *    own pages need not be listed.
 * 2. A token is taken from the `Authorization` header only: query strings end in logs and histories. A page, which
 *    cannot set that header on a socket, offers a one-time ticket or its own secret as a subprotocol.
 */
import type { IncomingHttpHeaders } from "node:http";
import { isLoopbackHost } from "../config/index.ts";

export interface AdmissionRules {
  /** The address listened on: its own name is allowed. */
  readonly listenHost: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

export interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 405 | 429 | 503;
  readonly message: string;
}

export const mcpPath = "/mcp";
export const mcpSubprotocol = "mcp";
/**
 * At an upgrade: the surface of the logic that answers, in the response; the one seen over an earlier connection, in the
 * request of a client that takes up again what it had there.
 */
export const surfaceHeader = "federation-surface";
/** Before a one-time ticket, offered beside the subprotocol. */
export const ticketPrefix = "fed.ticket.";
/** Before the secret by which a page comes back; it may offer two. */
export const resumePrefix = "fed.resume.";
const maxTokenLength = 512;
const tokenForm = /^[A-Za-z0-9._~+/-]+=*$/;

/** For every request, plain or upgrade. */
export function checkSource(headers: IncomingHttpHeaders, rules: AdmissionRules): Refusal | undefined {
  const host = siteOf(headers.host)?.hostname;
  if (host === undefined || !(isOwnName(host, rules) || isNamed(host, rules.allowedHosts))) {
    return { status: 403, message: "This host name is not served; add it to listen.allowedHosts." };
  }
  if (headers.origin !== undefined && !isOwnPage(headers, rules) && !rules.allowedOrigins.includes(headers.origin)) {
    return { status: 403, message: "This origin is not allowed; add it to listen.allowedOrigins." };
  }
  return undefined;
}

/**
 * Whether a page is asking that this node served: its origin is the name and port that it asks. Not so under a name of
 * `allowedHosts`: what stands in front of the node there may speak TLS, and a page of that name without TLS could be
 * anybody's on the way.
 */
export function isOwnPage(headers: IncomingHttpHeaders, rules: AdmissionRules): boolean {
  const site = siteOf(headers.host);
  return site !== undefined && headers.origin === site.origin && isOwnName(site.hostname, rules);
}

/** What a client shows to be let in: a token that is kept, a ticket that is good once, or what a page comes back by. */
export interface Credential {
  readonly kind: "bearer" | "ticket" | "page";
  /** As presented: never to be logged or kept. */
  readonly token: string;
  /** Of a page that does not know which of two secrets is its latest: the second. */
  readonly other?: string;
}
export type UpgradeCheck = { readonly credential: Credential } | { readonly refusal: Refusal };

/** For an upgrade, after `checkSource`. */
export function checkUpgrade(url: string | undefined, headers: IncomingHttpHeaders): UpgradeCheck {
  if (parseTarget(url)?.pathname !== mcpPath) return refuse(404, `Sessions are opened at ${mcpPath}.`);
  if (holdsToken(url)) {
    return refuse(400, "A token is never taken from the address; send it as Authorization: Bearer.");
  }
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  if (!offered.includes(mcpSubprotocol)) return refuse(400, `Offer the subprotocol ${mcpSubprotocol}.`);
  const secrets = offered.filter((name) => name !== mcpSubprotocol);
  if (secrets.length > 0) return checkPage(secrets, headers);
  const token = bearerOf(headers);
  return token === undefined
    ? refuse(401, "Send this actor's token as Authorization: Bearer.")
    : { credential: { kind: "bearer", token } };
}

/** What a page offers, which cannot set headers: one ticket, or one secret of its own or two. Good for its origin only. */
function checkPage(offered: readonly string[], headers: IncomingHttpHeaders): UpgradeCheck {
  const ticket = offered[0]?.startsWith(ticketPrefix) === true;
  const [token, other, ...more] = offered.map((name) => secretIn(name, ticket ? ticketPrefix : resumePrefix) ?? "");
  if (
    token === undefined ||
    token === "" ||
    other === "" ||
    other === token ||
    more.length > 0 ||
    (ticket && other !== undefined)
  ) {
    return refuse(
      400,
      `Offer ${mcpSubprotocol}, and beside it nothing, one ${ticketPrefix}TICKET, or one or two ${resumePrefix}SECRET, in base64url.`,
    );
  }
  if (Math.max(token.length, other?.length ?? 0) > maxTokenLength) return refuse(401, "This secret is unknown.");
  if (headers.authorization !== undefined) return refuse(400, "Send either a token or what a page offers.");
  if (headers.origin === undefined) return refuse(403, "What a page offers is good for that page: send its Origin.");
  const kind = ticket ? "ticket" : "page";
  return { credential: other === undefined ? { kind, token } : { kind, token, other } };
}

function secretIn(offered: string, prefix: string): string | undefined {
  const encoded = offered.startsWith(prefix) ? offered.slice(prefix.length) : "";
  if (!/^[A-Za-z0-9_-]+$/.test(encoded)) return undefined;
  const secret = Buffer.from(encoded, "base64url").toString("utf8");
  return tokenForm.test(secret) ? secret : undefined;
}

/** The token of `Authorization: Bearer`, if it has the form of one. */
export function bearerOf(headers: IncomingHttpHeaders): string | undefined {
  const token = /^Bearer ([^ ]+)$/i.exec(headers.authorization ?? "")?.[1];
  return token !== undefined && token.length <= maxTokenLength && tokenForm.test(token) ? token : undefined;
}

/** Whether the address holds what may be a token: those end in logs and histories. */
export function holdsToken(url: string | undefined): boolean {
  return [...(parseTarget(url)?.searchParams.keys() ?? [])].some((name) =>
    /token|auth|ticket|resume|secret/i.test(name),
  );
}

export function parseTarget(url: string | undefined): URL | undefined {
  const base = "http://node.invalid";
  return url?.startsWith("/") === true && URL.canParse(url, base) ? new URL(url, base) : undefined;
}

function refuse(status: Refusal["status"], message: string): UpgradeCheck {
  return { refusal: { status, message } };
}

/** What a `Host` header names, as a URL without TLS. */
function siteOf(header: string | undefined): URL | undefined {
  if (header === undefined || !URL.canParse(`http://${header}`)) return undefined;
  const url = new URL(`http://${header}`);
  return url.username === "" && url.pathname === "/" && url.search === "" && url.hash === "" ? url : undefined;
}

function isOwnName(host: string, rules: AdmissionRules): boolean {
  return isLoopbackHost(host) || isNamed(host, [rules.listenHost]);
}

function isNamed(host: string, names: readonly string[]): boolean {
  const bare = (name: string) => name.toLowerCase().replace(/^\[|\]$/g, "");
  return names.some((name) => bare(name) === bare(host));
}

export function surfaceOf(headers: IncomingHttpHeaders): string | null {
  const given = headers[surfaceHeader];
  return typeof given === "string" && /^[\w-]{1,100}$/.test(given) ? given : null;
}

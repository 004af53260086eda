/**
 * Who may speak to the node's server at all: checked before anything else, without asking impl. Policy about actors is
 * impl's.
 *
 * 1. A browser page of another origin is refused whatever it carries; so is a name that was rebound to loopback.
 * 2. A token is taken from the `Authorization` header only: query strings end in logs and histories. A page, which
 *    cannot set that header on a socket, offers a one-time ticket as a subprotocol.
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
const maxTokenLength = 512;
const tokenForm = /^[A-Za-z0-9._~+/-]+=*$/;

/** For every request, plain or upgrade. */
export function checkSource(headers: IncomingHttpHeaders, rules: AdmissionRules): Refusal | undefined {
  const host = hostName(headers.host);
  if (host === undefined || !isAllowedHost(host, rules)) {
    return { status: 403, message: "This host name is not served; add it to listen.allowedHosts." };
  }
  if (headers.origin !== undefined && !rules.allowedOrigins.includes(headers.origin)) {
    return { status: 403, message: "This origin is not allowed; add it to listen.allowedOrigins." };
  }
  return undefined;
}

/** What a client shows to be let in: a token that is kept, or a ticket that is good once. */
export interface Credential {
  readonly kind: "bearer" | "ticket";
  /** As presented: never to be logged or kept. */
  readonly token: string;
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
  const tickets = offered.filter((name) => name !== mcpSubprotocol);
  if (tickets.length > 0) return checkTicket(tickets, headers);
  const token = bearerOf(headers);
  return token === undefined
    ? refuse(401, "Send this actor's token as Authorization: Bearer.")
    : { credential: { kind: "bearer", token } };
}

/** A ticket comes from a page, which cannot set headers, and is good for the origin it was made for only. */
function checkTicket(offered: readonly string[], headers: IncomingHttpHeaders): UpgradeCheck {
  const [given = ""] = offered;
  const encoded = given.startsWith(ticketPrefix) ? given.slice(ticketPrefix.length) : "";
  const token = Buffer.from(encoded, "base64url").toString("utf8");
  if (offered.length > 1 || !/^[A-Za-z0-9_-]+$/.test(encoded) || !tokenForm.test(token)) {
    return refuse(400, `Offer ${mcpSubprotocol}, and beside it one ${ticketPrefix}TICKET in base64url or nothing.`);
  }
  if (token.length > maxTokenLength) return refuse(401, "This ticket is unknown.");
  if (headers.authorization !== undefined) return refuse(400, "Send either a ticket or a token.");
  if (headers.origin === undefined) return refuse(403, "A ticket is for the page it was made for: send its Origin.");
  return { credential: { kind: "ticket", token } };
}

/** The token of `Authorization: Bearer`, if it has the form of one. */
export function bearerOf(headers: IncomingHttpHeaders): string | undefined {
  const token = /^Bearer ([^ ]+)$/i.exec(headers.authorization ?? "")?.[1];
  return token !== undefined && token.length <= maxTokenLength && tokenForm.test(token) ? token : undefined;
}

/** Whether the address holds what may be a token: those end in logs and histories. */
export function holdsToken(url: string | undefined): boolean {
  return [...(parseTarget(url)?.searchParams.keys() ?? [])].some((name) => /token|auth|ticket/i.test(name));
}

export function parseTarget(url: string | undefined): URL | undefined {
  const base = "http://node.invalid";
  return url?.startsWith("/") === true && URL.canParse(url, base) ? new URL(url, base) : undefined;
}

function refuse(status: Refusal["status"], message: string): UpgradeCheck {
  return { refusal: { status, message } };
}

function hostName(header: string | undefined): string | undefined {
  if (header === undefined || !URL.canParse(`http://${header}`)) return undefined;
  const url = new URL(`http://${header}`);
  return url.username === "" && url.pathname === "/" && url.search === "" ? url.hostname : undefined;
}

function isAllowedHost(host: string, rules: AdmissionRules): boolean {
  const bare = (name: string) => name.toLowerCase().replace(/^\[|\]$/g, "");
  return isLoopbackHost(host) || [rules.listenHost, ...rules.allowedHosts].some((name) => bare(name) === bare(host));
}

export function surfaceOf(headers: IncomingHttpHeaders): string | null {
  const given = headers[surfaceHeader];
  return typeof given === "string" && /^[\w-]{1,100}$/.test(given) ? given : null;
}

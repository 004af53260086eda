/**
 * Who may speak to the node's server at all: checked before any upgrade, without asking impl. Policy about actors is
 * impl's.
 *
 * 1. A browser page of another origin is refused whatever it carries; so is a name that was rebound to loopback.
 * 2. A token is taken from the `Authorization` header only: query strings end in logs and histories.
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
const maxTokenLength = 512;

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

export type UpgradeCheck = { readonly token: string } | { readonly refusal: Refusal };

/** For an upgrade, after `checkSource`. */
export function checkUpgrade(url: string | undefined, headers: IncomingHttpHeaders): UpgradeCheck {
  const target = parseTarget(url);
  if (target === undefined || target.pathname !== mcpPath) return refuse(404, `Sessions are opened at ${mcpPath}.`);
  if ([...target.searchParams.keys()].some((name) => /token|auth|ticket/i.test(name))) {
    return refuse(400, "A token is never taken from the address; send it as Authorization: Bearer.");
  }
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  if (!offered.includes(mcpSubprotocol)) return refuse(400, `Offer the subprotocol ${mcpSubprotocol}.`);
  const token = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(headers.authorization ?? "")?.[1];
  if (token === undefined || token.length > maxTokenLength) {
    return refuse(401, "Send this actor's token as Authorization: Bearer.");
  }
  return { token };
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

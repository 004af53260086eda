import { MeshError } from "@federation/core";
import type { CallOptions, ControlClient } from "@federation/mcp/client";
import { makeSecret } from "../cli/secret.ts";
import { isLoopbackHost } from "../config/index.ts";
import { portalPath } from "../substrate/portal-files.ts";

export interface PortalLink {
  /** Opens the portal once: a secret until it is used. */
  readonly link: string;
  /** The same page without the ticket, for a tab that was let in before. */
  readonly page: string;
  readonly expiresAt: string;
}

/**
 * A link that lets one browser tab in, once. The ticket stands behind `#`, which no browser sends anywhere.
 * @param options.origin of the page: scheme, host and port.
 * @param options.lastsMs how long the link may lie about before it is opened.
 */
export async function makePortalLink(
  client: Pick<ControlClient, "call">,
  options: { readonly origin: string; readonly lastsMs: number; readonly call?: CallOptions },
): Promise<PortalLink> {
  const { origin, lastsMs, call = {} } = options;
  const secret = makeSecret();
  // A repeat under a call id would make a ticket good that nobody was shown.
  const { callId: _, ...once } = call;
  const { expiresAt } = await client.call("IssueTicket", { sha256: secret.sha256, origin, lastsMs }, once);
  const page = `${origin}${portalPath}`;
  return { link: `${page}#ticket=${secret.text}`, page, expiresAt };
}

/** `ws://127.0.0.1:7400/mcp` → `http://127.0.0.1:7400`. @throws MeshError `config_invalid`. */
export function originOfNode(url: string): string {
  const { protocol, host } = URL.canParse(url) ? new URL(url) : { protocol: "", host: "" };
  if (protocol !== "ws:" && protocol !== "wss:")
    throw new MeshError("config_invalid", `"${url}" is no node's address; it looks like ws://127.0.0.1:7400/mcp.`);
  return `${protocol === "wss:" ? "https" : "http"}://${host}`;
}

/**
 * The origin as browsers write it: a ticket is good for exactly that one.
 * @throws MeshError `invalid_input` when it is none, or none at which the page can do its work.
 */
export function checkPageOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`)
    throw new MeshError(
      "invalid_input",
      `"${text}" is no origin of a page: scheme, host and port only, as in https://portal.example.`,
    );
  if (url.protocol === "http:" && !isLoopbackHost(url.hostname))
    throw new MeshError(
      "invalid_input",
      `A page at ${url.origin} would be let in by what anybody on the way can read, and browsers give it no cryptography; use https://, or a tunnel to 127.0.0.1.`,
    );
  return url.origin;
}

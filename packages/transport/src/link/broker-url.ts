import { MeshError } from "@federation/core";

export interface BrokerUrl {
  readonly text: string;
  readonly scheme: "stomp" | "stomp+ssl" | "ws" | "wss";
  /** Without the brackets of an IPv6 literal. */
  readonly host: string;
  readonly port: number;
}

const defaultPorts = { stomp: 61_613, "stomp+ssl": 61_614, ws: 80, wss: 443 } as const;

/**
 * Parses `stomp://host:port`, `stomp+ssl://…`, `ws://…` or `wss://…`.
 * @throws MeshError `config_invalid` for anything else, for credentials in the URL, and for plaintext to another machine
 *   unless `allowPlaintext`.
 */
export function parseBrokerUrl(text: string, policy: { readonly allowPlaintext: boolean }): BrokerUrl {
  const url = URL.parse(text);
  const scheme = url?.protocol.slice(0, -1);
  if (
    url === null ||
    url.hostname === "" ||
    (scheme !== "stomp" && scheme !== "stomp+ssl" && scheme !== "ws" && scheme !== "wss")
  ) {
    throw new MeshError(
      "config_invalid",
      "A broker URL must look like stomp://host:61613, stomp+ssl://host:61614, ws://host:port or wss://host:port.",
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new MeshError("config_invalid", "A broker URL must not hold credentials; give login and passcode apart.");
  }
  const host = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
  if ((scheme === "stomp" || scheme === "ws") && !isLoopback(host) && !policy.allowPlaintext) {
    throw new MeshError(
      "config_invalid",
      `${scheme}://${url.host} would send the passcode in plain text to another machine; use ${scheme === "ws" ? "wss" : "stomp+ssl"}://.`,
    );
  }
  return { text, scheme, host, port: url.port === "" ? defaultPorts[scheme] : Number(url.port) };
}

/** Judged by the name alone: a name that merely resolves to loopback today may resolve elsewhere tomorrow. */
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** Passwords and mail cross a network encrypted, or the operator says `FED_INSECURE=1`. */
import { BlockList, isIP } from "node:net";
import type { NodeConfig } from "./schema.ts";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** A host that can only be this machine; the empty one is a socket file. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "");
  if (bare === "" || bare === "localhost") return true;
  const version = isIP(bare);
  return version !== 0 && loopback.check(bare, version === 4 ? "ipv4" : "ipv6");
}

export function plaintextProblems(config: NodeConfig): readonly string[] {
  const problems: string[] = [];
  const refuse = (key: string, what: string, fix: string) =>
    problems.push(`"${key}" ${what} in plain text; ${fix}, or set FED_INSECURE=1 to allow it`);
  const database = new URL(config.database.url).hostname;
  if (config.database.tls.mode === "off" && !isLoopbackHost(database)) {
    refuse("database.url", `would send the password to ${database}`, "set database.tls.mode to verify");
  }
  for (const url of config.broker.urls) {
    const { protocol, hostname } = new URL(url);
    if ((protocol === "stomp:" || protocol === "ws:") && !isLoopbackHost(hostname)) {
      const secure = protocol === "ws:" ? "wss" : "stomp+ssl";
      refuse("broker.urls", `would send the passcode to ${hostname}`, `use ${secure}://`);
    }
  }
  if (!isLoopbackHost(config.listen.host)) {
    refuse(
      "listen.host",
      `would take tokens on ${config.listen.host}`,
      "listen on 127.0.0.1 behind a TLS proxy or tunnel",
    );
  }
  return problems;
}

/** Addresses of nodes. */
import { isLoopbackUrl } from "@federation/mcp/client";

/** Whether it can only be this machine. */
export function isHere(url: string): boolean {
  return URL.canParse(url) && isLoopbackUrl(new URL(url));
}

/** What is wrong with an address that a person typed, in a sentence; undefined when nothing is. */
export function addressProblem(text: string): string | undefined {
  const example = "as in ws://127.0.0.1:7400/mcp";
  if (!URL.canParse(text)) return `An address is a URL, ${example}.`;
  const { protocol, username, password } = new URL(text);
  if (protocol !== "ws:" && protocol !== "wss:") return `An address begins with ws:// or wss://, ${example}.`;
  if (username !== "" || password !== "") return "A secret does not belong in an address; the token is asked for.";
  if (protocol === "ws:" && !isHere(text))
    return "ws:// would send the token in plain text to another machine; use wss://.";
  return undefined;
}

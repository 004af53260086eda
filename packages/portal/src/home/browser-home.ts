/** The page as the node serves it: it comes in with a ticket, and back with the secret that it made itself. */
import { MeshError } from "@federation/core";
import { type Line, socketLine } from "@federation/mcp/client/web";
import type { Home } from "./home.ts";
import { type Kept, load, makeSecret, nothing, offered, sha256Hex, store, takeTicket } from "./page-secrets.ts";

const handshakeMs = 8_000;

export function createBrowserHome(page: Window): Home {
  const storage = page.sessionStorage;
  let kept = load(storage, takeTicket(page.location, page.history));
  const keep = (next: Kept): void => {
    kept = next;
    store(storage, kept);
  };

  return {
    kind: "browser",
    editor: undefined,
    howToGetIn: "Ask for a link on the machine where the mesh runs: npx -y pnpm@12 federation portal",
    async dial(signal) {
      const secrets = offered(kept);
      if (secrets.length === 0)
        throw new MeshError("unauthenticated", "This tab has no session here yet, or it is over.");
      return await open(page, secrets, signal);
    },
    async admitted(client) {
      const next = makeSecret();
      // A ticket has opened what it can open: from here on the page comes back by its own secret.
      keep({ ...kept, ticket: undefined, next });
      await client.call("RenewPageSession", { sha256: await sha256Hex(next) });
      keep({ ...nothing, current: next });
    },
    openLink(url) {
      page.open(url, "_blank", "noopener,noreferrer");
    },
  };
}

/** @throws MeshError `unavailable`. Whom the node does not let in it tells over the line, by the code it closes with. */
function open(page: Window, secrets: readonly string[], signal: AbortSignal): Promise<Line> {
  const { protocol, host } = page.location;
  const url = `${protocol === "https:" ? "wss" : "ws"}://${host}/mcp`;
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, ["mcp", ...secrets]);
    const fail = (message: string): void => {
      done();
      socket.close();
      reject(new MeshError("unavailable", message));
    };
    const aborted = (): void => fail("The connection was given up.");
    const timer = setTimeout(() => fail("The node does not answer."), handshakeMs);
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", aborted);
    };
    signal.addEventListener("abort", aborted, { once: true });
    socket.addEventListener("open", () => {
      done();
      resolve(socketLine(socket));
    });
    socket.addEventListener("close", () => fail("The node is away."));
  });
}

/** The page as the node serves it: it comes in with a ticket, and back with the secret that it made itself. */
import { MeshError } from "@federation/core";
import { type Line, socketLine } from "@federation/mcp/client/web";
import type { Home } from "./home.ts";
import {
  bringsTicket,
  isTwin,
  type Kept,
  load,
  nothing,
  offered,
  renewing,
  sha256Hex,
  startAnew,
  store,
  takeTicket,
} from "./page-secrets.ts";

const handshakeMs = 8_000;

export function createBrowserHome(page: Window): Home {
  const storage = page.sessionStorage;
  let kept = load(storage, takeTicket(page.location, page.history));
  // A new ticket is a new beginning. The address is where a beginning looks for it, and takes it from.
  page.addEventListener("hashchange", () => {
    if (bringsTicket(page.location)) page.location.reload();
  });
  const alone = (async () => {
    if (!(await isTwin(storage, page.navigator.locks))) return;
    startAnew(storage);
    if (kept.ticket === undefined) kept = nothing;
  })();
  const keep = (next: Kept): void => {
    kept = next;
    store(storage, kept);
  };

  return {
    kind: "browser",
    editor: undefined,
    howToGetIn: "Ask for a link on the machine where the mesh runs: npx -y pnpm@12 federation portal",
    async dial(signal) {
      await alone;
      const secrets = offered(kept);
      if (secrets.length === 0)
        throw new MeshError("unauthenticated", "This tab has no session here yet, or it is over.");
      return await open(page, secrets, signal);
    },
    async admitted(client) {
      const { next, ...rest } = renewing(kept);
      keep({ ...rest, next });
      try {
        await client.call("RenewPageSession", { sha256: await sha256Hex(next) });
      } catch (thrown) {
        // Known to the node as something else: the next one is another.
        if (MeshError.from(thrown).code === "conflict") keep({ ...kept, next: undefined });
        throw thrown;
      }
      keep({ ...nothing, current: next });
    },
    pageUrl: () => `${page.location.origin}${page.location.pathname}`,
    openLink(url) {
      page.open(url, "_blank", "noopener,noreferrer");
    },
  };
}

/**
 * What the node says of a page when it closes its line. After 4401 (the token's time is over, or the page came back
 * elsewhere) it tries once more with what it has, and is told 4410 if that is over too.
 */
function fatalOf(closeCode: number): MeshError | undefined {
  if (closeCode === 4410)
    return new MeshError("unauthenticated", "The session of this tab is over, or its link was used.");
  if (closeCode === 4429) return new MeshError("limit_exceeded", "This actor has too many sessions; close some.");
  if (closeCode === 4403) return new MeshError("forbidden", "The node no longer lets this page in.");
  if (closeCode === 4409) return new MeshError("conflict", "This actor is connected at another node now.");
  return undefined;
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
      resolve(socketLine(socket, fatalOf));
    });
    socket.addEventListener("close", () => fail("The node is away."));
  });
}

/** The page as the node serves it: it comes in with a ticket, and back with the secret that it made itself. */
import { MeshError } from "@federation/core";
import { type Line, socketLine } from "@federation/mcp/client/web";
import type { Home } from "./home.ts";
import {
  after,
  base64url,
  type Candidate,
  candidates,
  load,
  makeSecret,
  sha256Hex,
  store,
  takeTicket,
  without,
} from "./page-secrets.ts";

const handshakeMs = 8_000;
const refusalProtocol = "fed.refused";
const prefix = { ticket: "fed.ticket.", resume: "fed.resume." } as const;

export function createBrowserHome(page: Window): Home {
  const storage = page.sessionStorage;
  let kept = load(storage, takeTicket(page.location, page.history));
  const keep = (next: typeof kept): void => {
    kept = next;
    store(storage, kept);
  };

  return {
    kind: "browser",
    editor: undefined,
    howToGetIn: "Ask for a link on the machine where the mesh runs: npx -y pnpm@12 federation portal",
    async dial(signal) {
      let refusal = new MeshError("unauthenticated", "This tab has no session here yet, or it is over.");
      for (const candidate of candidates(kept)) {
        try {
          const line = await open(page, candidate, signal);
          keep(after(kept, candidate));
          return line;
        } catch (thrown) {
          const error = MeshError.from(thrown);
          if (error.code !== "unauthenticated") throw error;
          keep(without(kept, candidate));
          refusal = error;
        }
      }
      throw refusal;
    },
    async admitted(client) {
      const next = makeSecret();
      keep({ ...kept, next });
      await client.call("RenewPageSession", { sha256: await sha256Hex(next) });
      keep({ ticket: undefined, next: undefined, current: next });
    },
    openLink(url) {
      page.open(url, "_blank", "noopener,noreferrer");
    },
  };
}

/** @throws MeshError `unauthenticated` when the candidate opens nothing, otherwise `unavailable`. */
function open(page: Window, { kind, secret }: Candidate, signal: AbortSignal): Promise<Line> {
  const { protocol, host } = page.location;
  const url = `${protocol === "https:" ? "wss" : "ws"}://${host}/mcp`;
  const offered = `${prefix[kind]}${base64url(new TextEncoder().encode(secret))}`;
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, ["mcp", refusalProtocol, offered]);
    const fail = (error: MeshError): void => {
      done();
      socket.close();
      reject(error);
    };
    const aborted = (): void => fail(new MeshError("unavailable", "The connection was given up."));
    const timer = setTimeout(() => fail(new MeshError("unavailable", "The node does not answer.")), handshakeMs);
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", aborted);
    };
    signal.addEventListener("abort", aborted, { once: true });
    socket.addEventListener("open", () => {
      // Over the other protocol the node says why it lets nobody in, in the code it closes with.
      if (socket.protocol === refusalProtocol) return;
      done();
      resolve(socketLine(socket));
    });
    socket.addEventListener("close", ({ code, reason }) => {
      const refused = code === 4401 || code === 4403;
      const why = reason === "" ? "The node is away." : reason;
      fail(new MeshError(refused ? "unauthenticated" : "unavailable", why));
    });
  });
}

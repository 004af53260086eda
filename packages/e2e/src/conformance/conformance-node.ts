import { fileURLToPath } from "node:url";
import { startFixtureDaemon } from "@federation/daemon/testing";
import { startForwarder } from "./forwarder.ts";
import { conformanceToken } from "./token.ts";

const implEntry = fileURLToPath(new URL("./fixture-impl.ts", import.meta.url));

export interface ConformanceNode {
  /** Where the suites find it. */
  readonly url: string;
  /** The daemon's own port, which wants the token. */
  readonly port: number;
  /** What the daemon wrote so far. */
  stderr(): string;
  stop(): Promise<void>;
}

/** A daemon as in production, with the fixture as its impl, and the one in front that brings the token. */
export async function startConformanceNode(): Promise<ConformanceNode> {
  const forwarder = await startForwarder();
  const url = `http://127.0.0.1:${forwarder.port}/mcp`;
  // One suite pretends to be a page of this origin, and must be let in; that of any other must not.
  const listen = { port: 0, allowedOrigins: [`http://127.0.0.1:${forwarder.port}`] };
  const daemon = startFixtureDaemon("", { listen }, implEntry);
  const died = daemon.ended.then(({ code, stderr }) => {
    throw new Error(`the daemon ended with ${code}: ${stderr.slice(-2000)}`);
  });
  const port = await Promise.race([daemon.listening, died]);
  died.catch(() => undefined);
  forwarder.towards(port, conformanceToken);
  await readyAt(port, daemon.stderr);
  return {
    url,
    port,
    stderr: daemon.stderr,
    stop: async () => {
      daemon.child.kill("SIGTERM");
      await daemon.ended;
      await forwarder.close();
    },
  };
}

async function readyAt(port: number, stderr: () => string): Promise<void> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    if (answer?.ok === true) return;
    if (performance.now() > deadline) throw new Error(`the node did not become ready: ${stderr().slice(-2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

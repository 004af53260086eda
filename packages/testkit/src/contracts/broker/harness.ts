import type { BrokerLink, BrokerLinkCounters, IncomingFrame, OutgoingFrame } from "@federation/runtime/ports";
import { afterAll, afterEach, beforeAll, expect, type TestContext, vi } from "vitest";
import { logInRaw, openRawStomp, type RawStomp } from "../../raw-stomp.ts";
import { startTcpProxy, type TcpProxy } from "../../tcp-proxy.ts";

export interface ContractAccount {
  readonly login: string;
  readonly passcode: string;
}

export interface ContractBroker {
  /** Product and version, for people. */
  readonly label: string;
  /** Plain STOMP over TCP on loopback. */
  readonly port: number;
  /** Whether persistent frames survive `kill`. */
  readonly durable: boolean;
  /** Ends it as a crash does. Absent when somebody else keeps the broker. */
  kill?(): Promise<void>;
  /** Starts it again on the same port. */
  start?(): Promise<void>;
  close(): Promise<void>;
}

export type ContractLink = BrokerLink & { counters(): BrokerLinkCounters };

export interface LinkRequest extends ContractAccount {
  readonly brokerUrls: readonly string[];
  readonly heartbeatMs: number;
  readonly receiptTimeoutMs: number;
}

export interface BrokerContractOptions {
  readonly name: string;
  /** The accounts the broker must know: two actors, or the one account a given broker has. */
  readonly accounts: readonly [ContractAccount, ContractAccount?];
  start(accounts: readonly ContractAccount[]): Promise<ContractBroker>;
  connect(request: LinkRequest): Promise<ContractLink>;
}

export const broadcast = "/topic/federation.broadcast";
/** For what is about silence. */
export const heartbeatMs = 800;
/** For everything else: a busy machine must not look like a silent one. */
const patientHeartbeatMs = 5_000;
/** Bound of a wait for what should take moments. */
export const soon = { timeout: 20_000, interval: 20 };

export type BrokerHarness = ReturnType<typeof createBrokerHarness>;

/** What the sentences of the contract share; to be created inside a `describe`. */
export function createBrokerHarness(options: BrokerContractOptions) {
  const [reader, otherReader] = options.accounts;
  const accounts = otherReader === undefined ? [reader] : [reader, otherReader];
  const own = `/queue/federation.${reader.login}`;
  const foreign = `/queue/federation.${otherReader?.login ?? "somebody-else"}`;
  const cleanups: (() => Promise<void>)[] = [];
  let started: ContractBroker | undefined;
  let run = 0;

  const broker = (): ContractBroker => {
    if (started === undefined) throw new Error("The broker has not been started.");
    return started;
  };

  beforeAll(async () => {
    started = await options.start(accounts);
    process.stderr.write(`broker contract runs on: ${started.label}\n`);
  }, 400_000);
  afterAll(async () => {
    await started?.close();
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    await drain();
  });

  /** Leaves nothing in the reader's queue for the next test. */
  const drain = async (): Promise<void> => {
    const client = await logInRaw(broker().port, reader.login, reader.passcode);
    client.send("SUBSCRIBE", { id: "drain", destination: own, ack: "auto" });
    while ((await client.next(150)) !== undefined);
    client.send("DISCONNECT", { receipt: "bye" });
    await client.next(1_000);
    client.destroy();
  };

  /** Waits for the link's connection number `epoch`. */
  const connected = async (made: ContractLink, epoch = 1): Promise<void> => {
    const within = { ...soon, timeout: 30_000 };
    await vi.waitFor(() => expect(made.status()).toMatchObject({ state: "connected", epoch }), within);
  };

  const link = async (request: Partial<LinkRequest> = {}): Promise<ContractLink> => {
    const made = await options.connect({
      brokerUrls: [`stomp://127.0.0.1:${broker().port}`],
      heartbeatMs: patientHeartbeatMs,
      receiptTimeoutMs: 5_000,
      ...reader,
      ...request,
    });
    cleanups.push(() => made.close({ deadlineMs: 500 }));
    return made;
  };

  return {
    own,
    foreign,
    reader,
    otherReader,
    broker,
    connected,
    link,
    /** A link that is connected. */
    async open(request: Partial<LinkRequest> = {}): Promise<ContractLink> {
      const made = await link(request);
      await connected(made);
      return made;
    },
    async proxied(): Promise<{ proxy: TcpProxy; brokerUrls: readonly string[] }> {
      const proxy = await startTcpProxy({ targetPort: broker().port });
      cleanups.push(() => proxy.close());
      return { proxy, brokerUrls: [`stomp://127.0.0.1:${proxy.port}`] };
    },
    /** A raw client that is logged in as the reader. */
    async raw(): Promise<RawStomp> {
      const client = await logInRaw(broker().port, reader.login, reader.passcode);
      cleanups.push(async () => client.destroy());
      return client;
    },
    async stranger(): Promise<RawStomp> {
      const client = await openRawStomp(broker().port);
      cleanups.push(async () => client.destroy());
      return client;
    },
    /** Bodies that no other test has sent. */
    batch(count: number, destination = own): OutgoingFrame[] {
      run += 1;
      return Array.from({ length: count }, (_, index) => ({
        destination,
        body: JSON.stringify({ run, index, text: "grüße 世界 \u{1f9ed}" }),
      }));
    },
    /** Leaves the test, loudly, where this broker cannot show what it is about. */
    needs(context: TestContext, what: string, present: boolean): void {
      if (present) return;
      process.stderr.write(`skipped on ${broker().label}, which has no ${what}: ${context.task.name}\n`);
      context.skip(`${broker().label} has no ${what}`);
    },
  };
}

/** The frames of a destination as they come, acknowledged or held. */
export function collect(link: ContractLink, destination: string, acknowledge: boolean): IncomingFrame[] {
  const frames: IncomingFrame[] = [];
  link.subscribe(destination, (frame) => {
    frames.push(frame);
    if (acknowledge) frame.acknowledge();
  });
  return frames;
}

export function bodies(frames: readonly { readonly body: string }[]): string[] {
  return frames.map(({ body }) => body);
}

/** What the broker says first: a command, `closed`, or `silence`. */
export async function answerOf(client: RawStomp): Promise<string> {
  const frame = await client.next(3_000);
  if (frame !== undefined) return frame.command;
  return (await client.ended(0)) ? "closed" : "silence";
}

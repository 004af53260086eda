import { readFile } from "node:fs/promises";
import { MeshError } from "@federation/core";
import type { Log } from "@federation/runtime/ports";
import { type BrokerUrl, parseBrokerUrl } from "./broker-url.ts";
import type { TlsMaterial } from "./open-stream.ts";

export interface BrokerLinkOptions {
  /** One or more of `stomp://`, `stomp+ssl://`, `ws://`, `wss://`; tried in turn when one does not answer. */
  readonly brokerUrls: readonly string[];
  /** The actor's name at the broker. */
  readonly login: string;
  readonly passcode: string;
  readonly log: Log;
  /** For the log: which of a daemon's links this is, e.g. `publish` or `consume`. */
  readonly name?: string;
  readonly tls?: TlsOptions;
  /** Lets the passcode cross a network in plain text. Loopback is always allowed. Default false. */
  readonly allowPlaintext?: boolean;
  /** Asked of the broker in both directions; a silent connection is given up after twice to three times this. Default 4,000. */
  readonly heartbeatMs?: number;
  /** Default 3,000. */
  readonly receiptTimeoutMs?: number;
  /** From the first packet to CONNECTED. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Unacknowledged frames the broker may send ahead, per subscription; at least 1. Default 32. */
  readonly prefetch?: number;
  /** Default from 200 up to 5,000. */
  readonly backOff?: { readonly baseMs: number; readonly maxMs: number };
  /** Monotonic clock, default `performance.now()`. */
  readonly nowMs?: () => number;
  /** Uniform in [0, 1), for jitter. */
  readonly fraction?: () => number;
}

export interface TlsOptions {
  /** PEM file of the authorities to trust instead of the system's. */
  readonly caFile?: string;
  /** PEM files of the node's own certificate and key, where the broker asks for one. */
  readonly certFile?: string;
  readonly keyFile?: string;
  /** The name the broker's certificate must bear, where it is not the host of the URL. */
  readonly serverName?: string;
}

export interface BrokerLinkConfig {
  readonly urls: readonly BrokerUrl[];
  readonly login: string;
  readonly passcode: string;
  readonly log: Log;
  readonly name: string;
  readonly tls: TlsMaterial;
  readonly heartbeatMs: number;
  readonly receiptTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly prefetch: number;
  readonly backOff: { readonly baseMs: number; readonly maxMs: number };
  /** A publish is answered `unconfirmed` at once while more than this waits in the socket. */
  readonly maxBufferedBytes: number;
  readonly nowMs: () => number;
  readonly fraction: () => number;
}

/** @throws MeshError `config_invalid` with what to change. */
export async function completeOptions(options: BrokerLinkOptions): Promise<BrokerLinkConfig> {
  if (options.brokerUrls.length === 0) throw new MeshError("config_invalid", "Name at least one broker URL.");
  if (/[\r\n\0]/.test(options.login) || /[\r\n\0]/.test(options.passcode)) {
    // CONNECT is the one frame whose header values are not escaped.
    throw new MeshError("config_invalid", "A broker login or passcode must not hold line breaks.");
  }
  const prefetch = options.prefetch ?? 32;
  if (!Number.isInteger(prefetch) || prefetch < 1) {
    throw new MeshError("config_invalid", "The prefetch must be a whole number of at least 1.");
  }
  const policy = { allowPlaintext: options.allowPlaintext ?? false };
  return {
    urls: options.brokerUrls.map((url) => parseBrokerUrl(url, policy)),
    login: options.login,
    passcode: options.passcode,
    log: options.log,
    name: options.name ?? "link",
    tls: {
      ca: await readPem(options.tls?.caFile),
      cert: await readPem(options.tls?.certFile),
      key: await readPem(options.tls?.keyFile),
      serverName: options.tls?.serverName,
    },
    heartbeatMs: options.heartbeatMs ?? 4_000,
    receiptTimeoutMs: options.receiptTimeoutMs ?? 3_000,
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    prefetch,
    backOff: options.backOff ?? { baseMs: 200, maxMs: 5_000 },
    maxBufferedBytes: 1024 * 1024,
    nowMs: options.nowMs ?? (() => performance.now()),
    fraction: options.fraction ?? Math.random,
  };
}

async function readPem(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new MeshError("config_invalid", `The broker's TLS file ${file} cannot be read.`, { cause: error });
  }
}

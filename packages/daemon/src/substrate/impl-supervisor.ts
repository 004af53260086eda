/**
 * Keeps one impl running for the daemon's life.
 *
 * 1. At most one impl is current. A second one beside it (a hot reload) would be another `ImplProcess` here, swapped
 *    for the first once it is ready; sessions only ever learn of `attached` and `detached`.
 * 2. An impl that ends by itself is restarted: after 100 ms, doubling to 5 s, from the start again once one was ready
 *    for 30 s.
 * 3. A `fatal` impl is not restarted: it would say the same again.
 */
import type { Log } from "@federation/runtime/ports";
import { type ImplNews, ImplProcess, type ImplProcessOptions } from "./impl-process.ts";
import type { FatalCode, FromImpl, ImplInit } from "./impl-protocol.ts";

const backOff = { firstMs: 100, maxMs: 5000, healthyMs: 30_000 };

export interface ImplSupervisorOptions {
  readonly entry: string;
  readonly init: Omit<ImplInit, "type" | "protocol" | "implNumber">;
  readonly environment: Readonly<Record<string, string>>;
  readonly log: Log;
  readonly nowMs: () => number;
  /** A new impl answers sessions. */
  readonly onAttached: (impl: ImplProcess) => void;
  /** The impl is gone. Called once for every `onAttached`. */
  readonly onDetached: () => void;
  readonly onSessionNews: (news: Extract<FromImpl, { type: "session-message" | "close-session" }>) => void;
  readonly onFatal: (code: FatalCode, message: string) => void;
}

export class ImplSupervisor {
  readonly #options: ImplSupervisorOptions;
  #current: ImplProcess | undefined;
  #started = 0;
  #delayMs = backOff.firstMs;
  #restart: NodeJS.Timeout | undefined;
  #stopped = false;
  readonly #readyWaiters = new Set<() => void>();

  constructor(options: ImplSupervisorOptions) {
    this.#options = options;
  }

  /** The impl there is, ready or not. */
  get current(): ImplProcess | undefined {
    return this.#current;
  }

  /** Impls started so far. */
  get started(): number {
    return this.#started;
  }

  start(): void {
    if (this.#stopped) return;
    const { entry, environment, log } = this.#options;
    const init: ImplInit = { type: "init", protocol: 1, ...this.#options.init, implNumber: ++this.#started };
    const startedMs = this.#options.nowMs();
    let readyMs: number | undefined;
    const options: ImplProcessOptions = {
      entry,
      init,
      environment,
      log,
      onMessage: (news) => {
        if (news.type === "ready" && readyMs === undefined) {
          readyMs = this.#options.nowMs();
          log.info({ impl: impl.number, pid: impl.pid, afterMs: Math.round(readyMs - startedMs) }, "Impl is ready.");
          this.#options.onAttached(impl);
          impl.send({ type: "activate" });
          for (const wake of this.#readyWaiters) wake();
        } else {
          this.#heard(news);
        }
      },
    };
    const impl = new ImplProcess(options);
    this.#current = impl;
    void impl.ended.then((end) => {
      this.#current = undefined;
      const livedMs = readyMs === undefined ? 0 : this.#options.nowMs() - readyMs;
      if (readyMs !== undefined) this.#options.onDetached();
      if (this.#stopped) return;
      if (livedMs >= backOff.healthyMs) this.#delayMs = backOff.firstMs;
      log.warn({ impl: impl.number, ...end, restartInMs: this.#delayMs }, "Impl ended; it is started again.");
      this.#restart = setTimeout(() => this.start(), this.#delayMs);
      this.#delayMs = Math.min(this.#delayMs * 2, backOff.maxMs);
    });
  }

  /** The impl that answers sessions, waiting for one up to `timeoutMs`. */
  async whenReady(timeoutMs: number): Promise<ImplProcess | undefined> {
    if (this.#current?.ready === true) return this.#current;
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(timer);
        this.#readyWaiters.delete(settle);
        resolve(this.#current?.ready === true ? this.#current : undefined);
      };
      const timer = setTimeout(settle, timeoutMs);
      this.#readyWaiters.add(settle);
    });
  }

  /** Drains the impl and ends it, by force at the deadline. It is not started again. */
  async stop(deadlineMs: number): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#restart);
    const impl = this.#current;
    if (impl === undefined) return;
    await impl.drain(deadlineMs);
    impl.kill();
    await impl.ended;
  }

  /** Ends the impl at once. */
  kill(): void {
    this.#stopped = true;
    clearTimeout(this.#restart);
    this.#current?.kill();
  }

  #heard(news: ImplNews): void {
    switch (news.type) {
      case "session-message":
      case "close-session":
        this.#options.onSessionNews(news);
        break;
      case "health":
        this.#options.log.debug({ report: news.report }, "Impl reported its health.");
        break;
      case "fatal":
        this.#stopped = true;
        this.#options.onFatal(news.code, news.message);
        break;
      case "ready":
        break;
    }
  }
}

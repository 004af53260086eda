/**
 * Keeps an impl at work for the daemon's life, and replaces it by another on demand. What happens is decided in
 * `succession.ts`; here it is done.
 *
 * 1. Events are taken one after the other: whatever an effect brings about becomes the next event.
 * 2. An only impl that ends by itself is restarted: after 100 ms, doubling to 5 s, from the start again once one was
 *    ready for 30 s. A `fatal` one is not: it would say the same again. Beside another it only fails its reload.
 * 3. How a reload ended is told to the impl that goes on, or when there is none, to the next one that is at work.
 */
import { randomUUID } from "node:crypto";
import type { Log } from "@federation/runtime/ports";
import type { ReloadConfig } from "../config/index.ts";
import { scrubText } from "../log/index.ts";
import { type ImplEnd, type ImplNews, ImplProcess, within } from "./impl-process.ts";
import type { FatalCode, FromImpl, ImplInit, ReloadEnd } from "./impl-protocol.ts";
import { type Probe, probeImpl } from "./probe-impl.ts";
import { ReloadHistory } from "./reload-history.ts";
import { decideSuccession, presentImpl } from "./succession.ts";
import type { Succession, SuccessionEffect, SuccessionEvent } from "./succession-state.ts";

const backOff = { firstMs: 100, maxMs: 5000, healthyMs: 30_000 };
const handOverMs = 3000;
const sealMs = 5000;
const retireMs = 5000;
const leaveMs = 500;

/** Where the sessions are: the hub. */
export interface SessionHolder {
  attach(impl: ImplProcess): void;
  switchTo(impl: ImplProcess): Promise<string | null>;
  detach(impl: number, blame: boolean): void;
  whenIdle(impl: number): Promise<void>;
  news(news: Extract<FromImpl, { type: "session-message" | "close-session" }>, impl: number): void;
}

export interface ImplSupervisorOptions {
  readonly entry: string;
  readonly init: Omit<ImplInit, "type" | "protocol" | "implNumber" | "beside">;
  readonly environment: Readonly<Record<string, string>>;
  readonly reload: ReloadConfig;
  readonly sessions: SessionHolder;
  readonly log: Log;
  readonly nowMs: () => number;
  readonly onFatal: (code: FatalCode, message: string) => void;
}

interface Running {
  readonly process: ImplProcess;
  readonly startedMs: number;
  readyMs: number | undefined;
  probe: Probe | undefined;
  fatal: { readonly code: FatalCode; readonly message: string } | undefined;
}

export class ImplSupervisor {
  readonly reloads = new ReloadHistory();
  readonly #options: ImplSupervisorOptions;
  readonly #running = new Map<number, Running>();
  readonly #events: SuccessionEvent[] = [];
  readonly #readyWaiters = new Set<() => void>();
  #now: Succession = { state: "away" };
  #deciding = false;
  #started = 0;
  #delayMs = backOff.firstMs;
  #restart: NodeJS.Timeout | undefined;
  #timeout: NodeJS.Timeout | undefined;
  #untold: ReloadEnd[] = [];

  constructor(options: ImplSupervisorOptions) {
    this.#options = options;
  }

  /** The impl that answers, or is about to: ready or not. */
  get current(): ImplProcess | undefined {
    const impl = presentImpl(this.#now);
    return impl === null ? undefined : this.#running.get(impl)?.process;
  }

  /** Impls started so far. */
  get started(): number {
    return this.#started;
  }

  /** What is under way: for people. */
  get state(): Succession["state"] {
    return this.#now.state;
  }

  start(): void {
    this.#happened({ type: "retry" });
  }

  /** Replaces the impl by one of the code as it is now. `why` is for the log. */
  reload(why: string, id: string = randomUUID()): void {
    const now = this.#now;
    // Whoever asks by a row asks until the row is settled.
    if (("reload" in now && now.reload === id) || (now.state === "sealing" && now.following?.reload === id)) return;
    const end = this.reloads.find(id);
    if (end !== undefined) {
      this.#tell(end);
      return;
    }
    this.#options.log.info({ reload: id, why }, "A reload of the logic was asked for.");
    this.#happened({ type: "asked", reload: id });
  }

  /** The impl that answers sessions, waiting for one up to `timeoutMs`. */
  async whenReady(timeoutMs: number): Promise<ImplProcess | undefined> {
    if (this.current?.ready === true) return this.current;
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(timer);
        this.#readyWaiters.delete(settle);
        resolve(this.current?.ready === true ? this.current : undefined);
      };
      const timer = setTimeout(settle, timeoutMs);
      this.#readyWaiters.add(settle);
    });
  }

  /** Drains every impl and ends it, by force at the deadline. None is started again. */
  async stop(deadlineMs: number): Promise<void> {
    this.#happened({ type: "leave" });
    await Promise.all(
      [...this.#running.values()].map(async ({ process, readyMs }) => {
        if (readyMs !== undefined) await process.drain(deadlineMs);
        process.kill();
        await process.ended;
      }),
    );
  }

  /** Ends every impl at once. */
  kill(): void {
    this.#happened({ type: "leave" });
    for (const { process } of this.#running.values()) process.kill();
  }

  #happened(event: SuccessionEvent): void {
    this.#events.push(event);
    if (this.#deciding) return;
    this.#deciding = true;
    for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) this.#decide(next);
    this.#deciding = false;
  }

  #decide(event: SuccessionEvent): void {
    const { reload, nowMs, log } = this.#options;
    const times = { nowMs: nowMs(), handOverMs, nextImpl: this.#started + 1 };
    const { next, effects } = decideSuccession(this.#now, event, { ...reload, ...times });
    if (next !== this.#now) {
      log.debug({ event: event.type, from: this.#now.state, to: next.state }, "The succession of impls goes on.");
      this.#now = next;
      clearTimeout(this.#timeout);
      const untilMs = "untilMs" in next ? next.untilMs : undefined;
      if (untilMs !== undefined) {
        this.#timeout = setTimeout(() => this.#happened({ type: "timeout" }), Math.max(0, untilMs - nowMs()));
      }
      if (next.state === "leaving") clearTimeout(this.#restart);
    }
    for (const effect of effects) this.#do(effect);
    if (this.current?.ready === true) for (const wake of this.#readyWaiters) wake();
  }

  #do(effect: SuccessionEffect): void {
    const { log, sessions } = this.#options;
    if (effect.do === "start") {
      clearTimeout(this.#restart);
      this.#start(effect.beside);
      return;
    }
    if (effect.do === "start-later") {
      this.#restart = setTimeout(() => this.#happened({ type: "retry" }), this.#delayMs);
      this.#delayMs = Math.min(this.#delayMs * 2, backOff.maxMs);
      return;
    }
    if (effect.do === "end") {
      this.#ended(effect.end);
      return;
    }
    const { impl } = effect;
    if (effect.do === "detach") {
      sessions.detach(impl, effect.blame);
      return;
    }
    const running = this.#running.get(impl);
    // Its end has been or will be an event of its own.
    if (running === undefined) return;
    const { process } = running;
    switch (effect.do) {
      case "probe":
        running.probe = probeImpl(process, this.#options.init.config.node.name);
        void running.probe.failure.then((said) => {
          // What an impl says of itself is shown to whoever asks how the reload ended.
          const failure = said === null ? null : scrubText(said);
          this.#happened({ type: "probed", impl, failure });
        });
        break;
      case "attach":
        sessions.attach(process);
        break;
      case "switch":
        void sessions.switchTo(process).then((failure) => this.#happened({ type: "switched", impl, failure }));
        break;
      case "deactivate":
        this.reloads.loopsStopped(this.#options.nowMs());
        void process.deactivate(handOverMs).then((done) => {
          if (done) this.#happened({ type: "deactivated", impl, next: effect.next });
        });
        break;
      case "activate":
        process.send({ type: "activate", reopen: effect.reopen });
        this.reloads.loopsStarted(this.#options.nowMs());
        for (const end of this.#untold.splice(0)) process.send(end);
        break;
      case "seal":
        void process.seal(sealMs).then((done) => {
          // Its predecessor leaves all the same, and a process that is gone writes nothing.
          if (!done) log.warn({ impl }, "Impl could not refuse its predecessor's writes in time.");
          this.#happened({ type: "sealed", impl });
        });
        break;
      case "await-idle":
        void sessions.whenIdle(impl).then(() => this.#happened({ type: "idle", impl }));
        break;
      case "retire":
        void process
          .drain(retireMs)
          // It says that it has drained, and ends: only one that does not is ended.
          .then(() => within(process.ended, leaveMs))
          .then(() => process.kill());
        break;
      case "kill":
        process.kill();
        break;
    }
  }

  #start(beside: boolean): void {
    const { entry, environment, log, nowMs } = this.#options;
    const implNumber = ++this.#started;
    const process = new ImplProcess({
      entry,
      init: { type: "init", protocol: 2, ...this.#options.init, implNumber, beside },
      environment,
      log,
      onMessage: (news) => this.#heard(running, news),
    });
    const running: Running = { process, startedMs: nowMs(), readyMs: undefined, probe: undefined, fatal: undefined };
    this.#running.set(implNumber, running);
    void process.ended.then((end) => this.#gone(running, end));
  }

  #heard(running: Running, news: ImplNews): void {
    const { process, startedMs, probe } = running;
    const impl = process.number;
    switch (news.type) {
      case "session-message":
        if (news.session === probe?.session) probe.receive(news.message);
        else this.#options.sessions.news(news, impl);
        break;
      case "close-session":
        this.#options.sessions.news(news, impl);
        break;
      case "health":
        this.#options.log.debug({ impl, report: news.report }, "Impl reported its health.");
        break;
      case "fatal":
        running.fatal = news;
        process.kill();
        break;
      case "reload":
        this.reload("a row", news.reload);
        break;
      case "ready":
        if (running.readyMs !== undefined) break;
        running.readyMs = this.#options.nowMs();
        this.#options.log.info(
          { impl, pid: process.pid, afterMs: Math.round(running.readyMs - startedMs) },
          "Impl is ready.",
        );
        this.#happened({ type: "ready", impl });
        break;
    }
  }

  #gone({ process, readyMs, fatal }: Running, end: ImplEnd): void {
    const { log, nowMs } = this.#options;
    const impl = process.number;
    const alone = process === this.current && !this.#standsBy();
    this.#running.delete(impl);
    const livedMs = readyMs === undefined ? 0 : nowMs() - readyMs;
    if (livedMs >= backOff.healthyMs) this.#delayMs = backOff.firstMs;
    if (alone && fatal !== undefined) {
      this.#happened({ type: "leave" });
      this.#options.onFatal(fatal.code, fatal.message);
      return;
    }
    const restartInMs = this.#delayMs;
    const wasAt = this.#now.state;
    this.#happened({ type: "ended", impl, why: scrubText(end.why) });
    if (this.#now.state === "away" && wasAt !== "away")
      log.warn({ impl, ...end, restartInMs }, "Impl ended; it is started again.");
    else if (this.#now.state !== "leaving") log.info({ impl, ...end }, "An impl ended.");
  }

  /** Somebody else goes on when the current impl ends. */
  #standsBy(): boolean {
    const now = this.#now;
    return "old" in now && now.old !== null && this.#running.size > 1;
  }

  #ended(end: ReloadEnd): void {
    const { log } = this.#options;
    this.reloads.add(end, new Date());
    const { reload, stage, reason, tookMs } = end;
    if (stage === null) log.info({ reload, tookMs }, "The logic was reloaded.");
    else if (stage === "refused") log.warn({ reload, reason }, "A reload was refused.");
    else log.error({ reload, stage, reason, tookMs }, "A reload failed; the logic from before goes on.");
    this.#tell(end);
  }

  #tell(end: ReloadEnd): void {
    const { current } = this;
    if (current?.ready === true) current.send(end);
    else this.#untold = [...this.#untold, end].slice(-16);
  }
}

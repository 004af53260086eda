/**
 * One impl: a forked process and what is under way with it. It is started once and ends once.
 *
 * 1. `ended` resolves after its last message was handed on, so nothing it said is lost or comes late.
 * 2. Whoever waits for an answer gets one: the impl's, or `undefined` when it is gone or too slow.
 * 3. An impl whose event loop stands still is killed: six pings in a row without an answer. Counted in pings, not
 *    in time, so that a suspended machine kills nobody.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Log } from "@federation/runtime/ports";
import {
  type AuthenticateAnswer,
  type AuthenticateRequest,
  type FromImpl,
  fromImplSchema,
  type HealthReport,
  type ImplInit,
  type ToImpl,
} from "./impl-protocol.ts";

const bootstrap = fileURLToPath(new URL("./impl-bootstrap.ts", import.meta.url));
const pingEveryMs = 5000;
const maxUnanswered = 6;

export interface ImplProcessOptions {
  /** The entry file. */
  readonly entry: string;
  readonly init: ImplInit;
  readonly environment: Readonly<Record<string, string>>;
  readonly log: Log;
  /** Every message but answers and pongs. */
  readonly onMessage: (message: ImplNews) => void;
}

type ImplAnswer = Extract<FromImpl, { type: "metrics" | "authenticated" | "pong" | "deactivated" | "sealed" }>;
/** What impl says of its own accord. */
export type ImplNews = Exclude<FromImpl, ImplAnswer | { type: "drained" | "crash" }>;

export interface ImplEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** One sentence: its last words, or how it ended. */
  readonly why: string;
}

export class ImplProcess {
  readonly number: number;
  readonly pid: number | undefined;
  readonly ended: Promise<ImplEnd>;
  readonly #child: ChildProcess;
  readonly #options: ImplProcessOptions;
  readonly #waiting = new Map<number, (answer: FromImpl | undefined) => void>();
  readonly #drained = Promise.withResolvers<void>();
  #requests = 0;
  #unanswered = 0;
  #health: HealthReport | undefined;
  #surface: string | null = null;
  #lastWords: string | undefined;
  #ready = false;
  #draining = false;
  #over = false;

  constructor(options: ImplProcessOptions) {
    this.#options = options;
    this.number = options.init.implNumber;
    this.#child = fork(bootstrap, [options.entry], {
      env: { ...options.environment },
      execArgv: [],
      serialization: "json",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.pid = this.#child.pid;
    this.ended = new Promise((resolve) => {
      this.#child.once("close", (code, signal) => {
        const how = signal === null ? `It ended with code ${code}.` : `It was ended by ${signal}.`;
        resolve({ code, signal, why: this.#lastWords ?? how });
      });
      // Without a pid there was no process and there will be no `close`.
      this.#child.on("error", (error) => {
        options.log.error({ error }, "Impl could not be started or reached.");
        if (this.#child.pid === undefined) resolve({ code: null, signal: null, why: "It could not be started." });
      });
    });
    this.#child.on("message", (raw) => this.#receive(raw));
    // An impl that let go of its channel can be neither asked nor drained any more.
    this.#child.once("disconnect", () => this.kill());
    const pings = setInterval(() => this.#ping(), pingEveryMs);
    void this.ended.then(() => {
      this.#over = true;
      clearInterval(pings);
      for (const resolve of this.#waiting.values()) resolve(undefined);
      this.#waiting.clear();
      this.#drained.resolve();
    });
    this.send(options.init);
  }

  /** It has said that it answers sessions. */
  get ready(): boolean {
    return this.#ready && !this.#over;
  }

  get health(): HealthReport | undefined {
    return this.#health;
  }

  /** Hash over what it offers to clients, once it is ready. */
  get surface(): string | null {
    return this.#surface;
  }

  send(message: ToImpl): void {
    if (this.#over || !this.#child.connected) return;
    this.#child.send(message, () => {
      // It is gone: `ended` says so, and what it had is sent to the next one.
    });
  }

  async authenticate(
    request: Omit<AuthenticateRequest, "type" | "request">,
    timeoutMs: number,
  ): Promise<AuthenticateAnswer | undefined> {
    const answer = await this.#ask((number) => ({ type: "authenticate", request: number, ...request }), timeoutMs);
    return answer?.type === "authenticated" ? answer.answer : undefined;
  }

  async metrics(timeoutMs: number): Promise<string | undefined> {
    const answer = await this.#ask((number) => ({ type: "metrics", request: number }), timeoutMs);
    return answer?.type === "metrics" ? answer.text : undefined;
  }

  /** False when it did not say so in time, or is gone. */
  async deactivate(timeoutMs: number): Promise<boolean> {
    return (await this.#ask((request) => ({ type: "deactivate", request }), timeoutMs)) !== undefined;
  }

  /** False when it did not say so in time, or is gone. */
  async seal(timeoutMs: number): Promise<boolean> {
    return (await this.#ask((request) => ({ type: "seal", request }), timeoutMs)) !== undefined;
  }

  /** Resolves when it has drained, ended, or the deadline has passed. */
  async drain(deadlineMs: number): Promise<void> {
    if (!this.#draining) this.send({ type: "drain", deadlineMs });
    this.#draining = true;
    await within(this.#drained.promise, deadlineMs);
  }

  /** Ends it at once. `why` is what is told of its end, unless it has told something itself. */
  kill(why?: string): void {
    this.#lastWords ??= why;
    this.#child.kill("SIGKILL");
  }

  #ask(build: (request: number) => ToImpl, timeoutMs: number): Promise<FromImpl | undefined> {
    if (this.#over) return Promise.resolve(undefined);
    const request = ++this.#requests;
    const answered = new Promise<FromImpl | undefined>((resolve) => this.#waiting.set(request, resolve));
    this.send(build(request));
    return within(answered, timeoutMs).finally(() => this.#waiting.delete(request));
  }

  #ping(): void {
    if (++this.#unanswered > maxUnanswered) {
      this.#options.log.error({ impl: this.number }, "Impl has not answered for too long and is killed.");
      this.kill("It did not answer for too long.");
      return;
    }
    this.send({ type: "ping", request: ++this.#requests });
  }

  #receive(raw: unknown): void {
    const parsed = fromImplSchema.safeParse(raw);
    if (!parsed.success) {
      this.#options.log.error(
        { impl: this.number, error: parsed.error },
        "Impl said something that is not in the protocol and is killed.",
      );
      this.kill("It said something that is not in the protocol.");
      return;
    }
    const message = parsed.data;
    switch (message.type) {
      case "pong":
        this.#unanswered = 0;
        return;
      case "metrics":
      case "authenticated":
      case "deactivated":
      case "sealed":
        this.#waiting.get(message.request)?.(message);
        return;
      case "drained":
        this.#drained.resolve();
        return;
      case "health":
        this.#health = message.report;
        break;
      case "crash":
        this.#lastWords = message.reason;
        return;
      case "fatal":
        this.#lastWords = message.message;
        break;
      case "ready":
        this.#ready = true;
        this.#surface = message.surface;
        break;
    }
    this.#options.onMessage(message);
  }
}

/** The promise's value, or undefined after `ms`. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

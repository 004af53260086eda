/**
 * Runs a program without a shell, with bounds on time and on what it may answer.
 *
 * 1. Arguments are a list and never pass through a shell. The environment is the one given, nothing is inherited.
 * 2. What takes too long or answers too much is killed, and that is an error: half an answer is none.
 */
import { spawn } from "node:child_process";
import { MeshError } from "@federation/core";

export interface RunOptions {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
}

export interface Ran {
  readonly code: number;
  readonly stdout: Buffer;
  /** Its first kilobytes, for messages. */
  readonly stderr: string;
}

const MAX_BYTES = 64 * 1024 * 1024;
const MAX_STDERR = 8_192;
const TIMEOUT_MS = 60_000;

export function runProgram(file: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  const { maxBytes = MAX_BYTES, timeoutMs = TIMEOUT_MS } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: options.cwd, env: { ...options.environment }, stdio: "pipe" });
    const stdout: Buffer[] = [];
    let bytes = 0;
    let stderr = "";
    const stop = (error: MeshError): void => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(error);
    };
    const timer = setTimeout(
      () => stop(new MeshError("deadline_exceeded", `${file} ${args[0] ?? ""} took longer than ${timeoutMs} ms.`)),
      timeoutMs,
    );
    child.stdout.on("data", (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > maxBytes) stop(new MeshError("limit_exceeded", `${file} ${args[0] ?? ""} answered too much.`));
      else stdout.push(piece);
    });
    child.stderr.setEncoding("utf8").on("data", (piece: string) => {
      if (stderr.length < MAX_STDERR) stderr += piece.slice(0, MAX_STDERR - stderr.length);
    });
    // A program that ends without reading all of its input closes the pipe: its exit code says what that meant.
    child.stdin.on("error", () => undefined);
    child.on("error", (cause) => stop(new MeshError("unavailable", `${file} could not be started.`, { cause })));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (signal !== null) reject(new MeshError("unavailable", `${file} ${args[0] ?? ""} was ended by ${signal}.`));
      else resolve({ code: code ?? 1, stdout: Buffer.concat(stdout), stderr });
    });
    child.stdin.end(options.input ?? "");
  });
}

/**
 * An `hf:` URI, over HTTP, taken up again where it broke off.
 *
 * 1. What has arrived stays on disk, whatever ends the download; the next try asks for the rest only, and starts over
 *    when the server says that the file is another one.
 * 2. An abort and a silent server end it at once, and nothing of it keeps the process alive.
 * 3. The size the server names must have arrived; hash and header are our caller's to check.
 *
 * The library's own downloader was tried on a loopback server and not kept: it left no partial file after an abort
 * (a 30 GB model would start from nothing), went on retrying after it, and loads llama.cpp's bindings into whoever
 * asks for a download.
 */
import { open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MeshError } from "@federation/core";
import { z } from "zod";

export interface FetchOptions {
  readonly directory: string;
  readonly fileName: string;
  readonly signal: AbortSignal;
  /** Time without one more byte after which the source is given up. */
  readonly silenceMs: number;
  readonly onBytes: (receivedBytes: number, totalBytes?: number) => void;
}

const defaultEndpoint = "https://huggingface.co";
const uriPattern = /^hf:([\w.-]{1,96}\/[\w.-]{1,96})\/([\w./-]{1,255})(?:#([\w.-]{1,96}))?$/;
const answerPatienceMs = 6_000;
/** Broken connections in a row that bring no byte. */
const fruitlessTries = 3;
const pauseMs = 500;
const partialSchema = z.strictObject({ etag: z.string().max(500) });

/** @throws MeshError `unavailable`, or the signal's reason. */
export async function fetchFromHub(
  uri: string,
  options: FetchOptions & { readonly endpoint: string | undefined },
): Promise<string> {
  const url = addressOf(uri, options.endpoint ?? defaultEndpoint);
  const path = join(options.directory, `${options.fileName}.hub`);
  let fruitless = 0;
  for (;;) {
    const before = await sizeOf(path);
    try {
      if (await fetchRest(url, path, before, options)) return path;
    } catch (error) {
      options.signal.throwIfAborted();
      if (error instanceof MeshError) throw error;
      const text = error instanceof Error ? describe(error) : String(error);
      fruitless = (await sizeOf(path)) > before ? 0 : fruitless + 1;
      // A server that never gave a byte is not asked twice: the next source is.
      const hopeless = fruitless >= fruitlessTries || (fruitless > 0 && before === 0);
      if (hopeless) throw new MeshError("unavailable", `${uri}: ${text}`, { cause: error });
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** @returns true when the file is whole, false when it has to be begun again. */
async function fetchRest(url: URL, path: string, have: number, options: FetchOptions): Promise<boolean> {
  const silence = new AbortController();
  const wait = (ms: number): NodeJS.Timeout =>
    setTimeout(() => silence.abort(new MeshError("unavailable", `${url.origin} gave no byte for ${ms} ms`)), ms);
  let timer = wait(Math.min(answerPatienceMs, options.silenceMs));
  try {
    const etag = have > 0 ? await knownEtag(path) : undefined;
    const response = await fetch(url, {
      signal: AbortSignal.any([options.signal, silence.signal]),
      headers: etag === undefined ? {} : { range: `bytes=${have}-`, "if-range": etag },
    });
    if (response.status === 416) {
      // Nothing is left to ask for: the file was whole when somebody stopped us, or it is another file.
      await response.body?.cancel();
      if (totalOf(response, have) === have) return true;
      await rm(path, { force: true });
      return false;
    }
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new MeshError("unavailable", `${url.origin}${url.pathname} answered ${response.status}`);
    }
    const from = response.status === 206 ? have : 0;
    const totalBytes = totalOf(response, from);
    await rememberEtag(path, response.headers.get("etag"));
    let received = from;
    const file = await open(path, from > 0 ? "a" : "w");
    try {
      for await (const chunk of response.body) {
        clearTimeout(timer);
        timer = wait(options.silenceMs);
        await file.write(chunk);
        received += chunk.length;
        options.onBytes(received, totalBytes);
      }
    } finally {
      await file.close();
    }
    if (totalBytes !== undefined && received < totalBytes) {
      throw new Error(`ended after ${received} of ${totalBytes} bytes`);
    }
    return true;
  } catch (error) {
    silence.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Kept beside the partial file until our caller gives it its name; without it a resume would be a guess. */
async function rememberEtag(path: string, etag: string | null): Promise<void> {
  if (etag === null || etag.startsWith("W/")) await rm(partialNote(path), { force: true });
  else await writeFile(partialNote(path), JSON.stringify({ etag }));
}

/** The note that belongs to a partial file. */
export function partialNote(path: string): string {
  return `${path}.json`;
}

function addressOf(uri: string, endpoint: string): URL {
  const [, repository, file, revision] = uriPattern.exec(uri) ?? [];
  if (repository === undefined || file === undefined) {
    throw new MeshError("invalid_input", `${uri} is not of the form hf:OWNER/REPOSITORY/FILE[#REVISION].`);
  }
  return new URL(
    `${repository}/resolve/${revision ?? "main"}/${file}`,
    endpoint.endsWith("/") ? endpoint : `${endpoint}/`,
  );
}

function totalOf(response: Response, from: number): number | undefined {
  const range = /\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1];
  if (range !== undefined) return Number(range);
  const length = response.headers.get("content-length");
  return length === null ? undefined : from + Number(length);
}

async function knownEtag(path: string): Promise<string | undefined> {
  try {
    return partialSchema.parse(JSON.parse(await readFile(partialNote(path), "utf8"))).etag;
  } catch {
    return undefined;
  }
}

function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (info) => info.size,
    () => 0,
  );
}

/** `fetch` says "fetch failed" and hides why in its cause. */
function describe(error: Error): string {
  return error.cause instanceof Error && error.cause.message !== "" ? error.cause.message : error.message;
}

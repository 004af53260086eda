import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fixtureModelBytes } from "../fixture/fixture-model.ts";
import { catalogue, type ModelSource } from "./catalogue.ts";
import { modelPath, type PullOptions, pullModel, verifyModel } from "./pull-model.ts";
import { listModels, resolveModel } from "./resolve-model.ts";

const alias = "smollm2-135m-instruct";
const fileName = "SmolLM2-135M-Instruct.Q4_1.gguf";
/** Stands in for a model on a hub: real GGUF bytes, small enough to be sent often. */
const bytes = fixtureModelBytes(3);
const sha256 = createHash("sha256").update(bytes).digest("hex");
const held: ModelSource = { kind: "hf", uri: `hf:team/models/${fileName}`, bytes: bytes.length, sha256 };

let dir: string;
let cleanUp: (() => void)[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "fi-"));
});

afterEach(async () => {
  for (const end of cleanUp) end();
  cleanUp = [];
  await rm(dir, { recursive: true, force: true });
});

interface Hub {
  readonly hubEndpoint: string;
  readonly requests: { readonly path: string; readonly range: string | undefined }[];
}

/** Serves the bytes with ranges; `cutAt` ends each answer after so many bytes, `silent` never ends it. */
async function startHub(
  behave: { cutAt?: number; silent?: boolean; status?: number; etag?: () => string; body?: Buffer } = {},
): Promise<Hub> {
  const requests: Hub["requests"] = [];
  const { body = bytes, etag = () => '"one"' } = behave;
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { range } = request.headers;
    requests.push({ path: request.url ?? "", range });
    if (behave.status !== undefined) {
      response.writeHead(behave.status).end();
      return;
    }
    const sameFile = request.headers["if-range"] === etag();
    const from = range === undefined || !sameFile ? 0 : Number(/bytes=(\d+)-/.exec(range)?.[1] ?? 0);
    const part = body.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, {
      etag: etag(),
      "content-length": part.length,
      ...(from > 0 ? { "content-range": `bytes ${from}-${body.length - 1}/${body.length}` } : {}),
    });
    if (behave.cutAt === undefined) response.end(part);
    else {
      const cut = part.subarray(0, behave.cutAt);
      const end = (): void => {
        if (cut.length === part.length) response.end();
        // A moment later, so that what was sent has been read: a cut that takes it along shows nothing.
        else if (behave.silent !== true) setTimeout(() => response.socket?.end(), 100);
      };
      response.write(cut, end);
    }
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { hubEndpoint: `http://127.0.0.1:${port}`, requests };
}

function pull(options: Partial<PullOptions>): ReturnType<typeof pullModel> {
  return pullModel(alias, { dir, sources: [held], silenceMs: 1_000, ...options });
}

describe("a hub", () => {
  test("gives the file, which gets its name when it is whole, with progress up to its size", async () => {
    const { hubEndpoint, requests } = await startHub();
    const seen: number[] = [];
    const file = await pull({ hubEndpoint, onProgress: ({ receivedBytes }) => seen.push(receivedBytes) });
    expect(file).toEqual({ path: join(dir, fileName), bytes: bytes.length, sha256 });
    expect(requests).toEqual([{ path: `/team/models/resolve/main/${fileName}`, range: undefined }]);
    expect(seen.at(-1)).toBe(bytes.length);
    expect(await readFile(file.path)).toEqual(bytes);
    expect(await readdir(join(dir, ".partial"))).toEqual([]);
  });

  test("that cuts every answer short is asked for the rest until the file is whole", async () => {
    const { hubEndpoint, requests } = await startHub({ cutAt: 150_000 });
    expect(await pull({ hubEndpoint })).toMatchObject({ sha256 });
    expect(requests.length).toBeGreaterThan(2);
    expect(requests.slice(1).every((request) => request.range !== undefined)).toBe(true);
  });

  test("that fell silent is given up, and what it gave is not fetched again the next time", async () => {
    const silent = await startHub({ cutAt: 200_000, silent: true });
    await expect(pull(silent)).rejects.toMatchObject({ code: "unavailable" });
    const [kept] = await readdir(join(dir, ".partial"));
    expect(kept).toBeDefined();
    const sound = await startHub();
    expect(await pull(sound)).toMatchObject({ sha256 });
    expect(sound.requests[0]?.range).toBe("bytes=200000-");
  });

  test("whose file has changed since is asked for all of it", async () => {
    const silent = await startHub({ cutAt: 200_000, silent: true });
    await expect(pull(silent)).rejects.toMatchObject({ code: "unavailable" });
    const sound = await startHub({ etag: () => '"two"' });
    expect(await pull(sound)).toMatchObject({ sha256 });
  });

  test("whose file is not what the catalogue names is refused, and nothing gets the model's name", async () => {
    const wrong = Buffer.from(bytes);
    wrong[wrong.length - 100] = (wrong[wrong.length - 100] ?? 0) ^ 1;
    const { hubEndpoint } = await startHub({ body: wrong });
    await expect(pull({ hubEndpoint })).rejects.toMatchObject({ code: "model_invalid" });
    await expect(modelPath(alias, { dir })).rejects.toMatchObject({ code: "not_found" });
    const page = await startHub({ body: Buffer.from("<html>sign in</html>") });
    await expect(pull({ ...page, sources: [{ kind: "hf", uri: `hf:team/models/${fileName}` }] })).rejects.toMatchObject(
      {
        code: "model_invalid",
      },
    );
  });

  test("that has no such file hands over to the next source", async () => {
    const { hubEndpoint, requests } = await startHub({ status: 404 });
    const localFile = join(dir, "mine.gguf");
    await writeFile(localFile, bytes);
    await expect(pull({ hubEndpoint })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("404"),
    });
    expect(requests).toHaveLength(1);
    expect(await pull({ hubEndpoint, localFile })).toMatchObject({ sha256 });
    expect(requests).toHaveLength(1);
    expect((await stat(localFile)).size).toBe(bytes.length);
  });

  test("is left alone when the caller aborts", async () => {
    const hub = await startHub({ cutAt: 100_000, silent: true });
    const control = new AbortController();
    const reason = new Error("enough");
    const pulling = pull({
      ...hub,
      signal: control.signal,
      silenceMs: 60_000,
      onProgress: () => control.abort(reason),
    });
    await expect(pulling).rejects.toBe(reason);
  });
});

describe("a file in the folder", () => {
  test("without a known hash is held to the one recorded at its first pull, and not fetched again", async () => {
    const other = "qwen3-4b-instruct-2507";
    const { hubEndpoint, requests } = await startHub();
    const first = await pullModel(other, { dir, hubEndpoint });
    expect(await pullModel(other, { dir, hubEndpoint })).toEqual(first);
    expect(requests).toHaveLength(1);
    expect(await verifyModel(other, { dir })).toEqual(first);
    const damaged = Buffer.from(bytes);
    damaged[200_000] = (damaged[200_000] ?? 0) ^ 1;
    await writeFile(first.path, damaged);
    await expect(verifyModel(other, { dir })).rejects.toMatchObject({
      code: "model_invalid",
      message: expect.stringContaining(first.path),
    });
  });

  test("that is cut short is named, with what to do", async () => {
    await writeFile(join(dir, fileName), bytes);
    await truncate(join(dir, fileName), 1_000);
    const broken = {
      code: "model_invalid",
      message: expect.stringMatching(/bytes instead of .* pull the model again/),
    };
    await expect(modelPath(alias, { dir })).rejects.toMatchObject(broken);
    await expect(resolveModel(alias, { dir })).rejects.toMatchObject(broken);
    const listed = await listModels({ dir });
    expect(listed.find(({ entry }) => entry.alias === alias)?.state).toBe("invalid");
  });
});

describe("a model by name or path", () => {
  test("a file outside the catalogue works, its style guessed from its size or set", async () => {
    const path = join(dir, "own.gguf");
    await writeFile(path, bytes);
    expect(await resolveModel(path, { dir })).toMatchObject({
      path,
      alias: "own.gguf",
      style: "sentences",
      meaningful: true,
    });
    expect(await resolveModel(path, { dir, style: "prose" })).toMatchObject({ style: "prose" });
    await truncate(path, 2_000_000_000);
    expect(await resolveModel(path, { dir })).toMatchObject({ style: "prose", choice: "sentence_likelihood" });
  });

  test("an unknown name lists the known ones; a file that is no model is refused", async () => {
    await expect(resolveModel("gpt-9", { dir })).rejects.toMatchObject({
      code: "not_found",
      message: expect.stringContaining(alias),
    });
    await expect(resolveModel(join(dir, "none.gguf"), { dir })).rejects.toMatchObject({ code: "model_invalid" });
    await mkdir(join(dir, "folder.gguf"));
    await expect(resolveModel(join(dir, "folder.gguf"), { dir })).rejects.toMatchObject({ code: "model_invalid" });
    await writeFile(join(dir, "text.gguf"), "hello, I am text");
    await expect(resolveModel(join(dir, "text.gguf"), { dir })).rejects.toMatchObject({ code: "model_invalid" });
  });

  test("the fixture is made where it is asked for", async () => {
    expect(await resolveModel("fixture", { dir })).toMatchObject({ alias: "fixture", meaningful: false });
    expect(await pullModel("fixture", { dir })).toEqual(await verifyModel("fixture", { dir }));
  });
});

test("the catalogue's aliases and files are distinct, and what has no hash is not called verified", () => {
  expect(new Set(catalogue.map((entry) => entry.alias)).size).toBe(catalogue.length);
  expect(new Set(catalogue.map((entry) => entry.fileName)).size).toBe(catalogue.length);
  for (const entry of catalogue) {
    if (entry.verifiedHere) expect(entry.sources.every((source) => source.sha256 !== undefined)).toBe(true);
    else expect(entry.note).toContain("Not loaded here");
  }
});

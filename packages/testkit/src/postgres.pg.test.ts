import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import path from "node:path";
import { Client } from "pg";
import { expect, test, vi } from "vitest";
import { startPostgres, testDatabase } from "./postgres.ts";

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.query(sql)).rows[0];
  } finally {
    await client.end();
  }
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test("two test databases share the server and nothing else", async () => {
  const [a, b] = await Promise.all([testDatabase(), testDatabase()]);
  try {
    await ask(a.adminUrl, "create table t (x int)");
    expect(await ask(a.adminUrl, "select to_regclass('t') is not null as here")).toEqual({ here: true });
    expect(await ask(b.adminUrl, "select to_regclass('t') is not null as here")).toEqual({ here: false });
    expect(new URL(a.adminUrl).port).toBe(new URL(b.adminUrl).port);
  } finally {
    await Promise.all([a.drop(), b.drop()]);
  }
});

test("dropping a database cuts whoever is still connected", async () => {
  const database = await testDatabase();
  const lingering = new Client({ connectionString: database.adminUrl });
  const cut = new Promise((resolve) => lingering.on("error", resolve));
  await lingering.connect();
  await database.drop();
  expect(String(await cut)).toContain("terminat");
  await expect(ask(database.adminUrl, "select 1")).rejects.toThrow(/does not exist/);
});

test("a server of one's own survives being killed, keeps its port and leaves no process behind", async () => {
  const server = await startPostgres({ durable: true });
  const first = server.pid();
  try {
    await ask(server.adminUrl, "create table kept as select 7 as x");
    const holder = new Client({ connectionString: server.adminUrl });
    holder.on("error", () => {});
    await holder.connect();
    await server.kill();
    expect(server.pid()).toBeUndefined();
    await expect(ask(server.adminUrl, "select 1")).rejects.toThrow(/ECONNREFUSED/);
    await server.restart();
    expect(await ask(server.adminUrl, "select x from kept")).toEqual({ x: 7 });
    expect(await ask(server.adminUrl, "show fsync")).toEqual({ fsync: "on" });
    await holder.end().catch(() => {});
  } finally {
    await server.stop();
  }
  const pids = [first, server.pid()].filter((pid) => pid !== undefined);
  expect(pids.filter(alive)).toEqual([]);
});

test("a server dies with the process that started it, also when that process is killed", async () => {
  const module = path.join(import.meta.dirname, "postgres.ts");
  const script = `const { startPostgres } = await import(${JSON.stringify(module)});
    const server = await startPostgres();
    const { rows } = await (async () => {
      const { Client } = await import("pg");
      const client = new Client({ connectionString: server.adminUrl });
      await client.connect();
      try { return await client.query("show data_directory"); } finally { await client.end(); }
    })();
    console.log(JSON.stringify({ pid: server.pid(), data: rows[0].data_directory }));`;
  const starter = spawn(process.execPath, ["--input-type=module", "-e", script], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(starter.stdout, "data");
  const { pid, data } = JSON.parse(String(line));
  expect(alive(pid)).toBe(true);
  starter.kill("SIGKILL");
  await vi.waitFor(() => expect(alive(pid)).toBe(false), { timeout: 10_000 });
  await rm(path.dirname(data), { recursive: true });
});

test("the server asks for a password", async () => {
  const database = await testDatabase();
  const url = new URL(database.adminUrl);
  url.password = "wrong";
  await expect(ask(url.href, "select 1")).rejects.toThrow(/password/);
  await database.drop();
});

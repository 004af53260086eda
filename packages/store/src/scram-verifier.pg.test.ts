import { randomBytes } from "node:crypto";
import { testDatabase } from "@federation/testkit/postgres";
import pg from "pg";
import { expect, test } from "vitest";
import { scramVerifier } from "./scram-verifier.ts";

test("a role made with a verifier logs in with the password, with no other, and the server never saw it", async () => {
  const database = await testDatabase();
  const owner = new pg.Client({ connectionString: database.adminUrl });
  const login = `fed_scram_${randomBytes(4).toString("hex")}`;
  const password = randomBytes(32).toString("base64url");
  await owner.connect();
  try {
    const verifier = scramVerifier(password);
    await owner.query(`create role ${login} login password '${verifier}'`);
    const kept = await owner.query("select rolpassword from pg_authid where rolname = $1", [login]);
    expect(kept.rows).toEqual([{ rolpassword: verifier }]);
    const logIn = async (secret: string): Promise<string> => {
      const url = new URL(database.adminUrl);
      [url.username, url.password] = [login, secret];
      const client = new pg.Client({ connectionString: url.href });
      try {
        await client.connect();
        return (await client.query("select session_user as me")).rows[0]?.me;
      } finally {
        await client.end().catch(() => undefined);
      }
    };
    expect(await logIn(password)).toBe(login);
    await expect(logIn(`${password}x`)).rejects.toMatchObject({ code: "28P01" });
  } finally {
    await owner.query(`drop role if exists ${login}`);
    await owner.end();
    await database.drop();
  }
});

import { MeshError } from "@federation/core";
import type { Principal } from "@federation/runtime/ports";
import { tokenSha256 } from "@federation/store";
import { beforeEach, describe, expect, test } from "vitest";
import { probeCredential } from "../substrate/index.ts";
import { createSessionDoor, type SessionDoor } from "./session-door.ts";

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const me = { actor: "lead-1", role: "lead", kind: "agent" } as const;
const principal = (actor: string, kind: Principal["kind"], credential: string): Principal => ({
  actor,
  role: "developer",
  kind,
  scopes: ["read", "act"],
  credential,
});
const bearer = (token: string): string => `bearer:${tokenSha256(token)}`;

/** Tokens and tickets that are good, and whose they are. */
let good: Map<string, Principal>;
let lookUps: number;
let away: boolean;
let seen: string[];
let lost: string[];
let held: string[];
/** Ends the watch's present sleep. */
let wake: () => void;
let door: SessionDoor;

beforeEach(() => {
  [good, lookUps, away, seen, lost, held, wake] = [new Map(), 0, false, [], [], [], () => {}];
  const known = [
    principal("lead-1", "agent", bearer("own")),
    principal("guest", "external", bearer("guest")),
    principal("other-1", "agent", bearer("others")),
    principal("lead-1", "agent", `ticket:${tokenSha256("page")}`),
  ];
  for (const one of known) good.set(one.credential, one);
  const answer = <T>(value: T): T => {
    if (away) throw new MeshError("unavailable", "The database is away.");
    return value;
  };
  door = createSessionDoor({
    store: {
      authenticate: async (sha256) => answer(good.get(`bearer:${sha256}`)),
      redeemTicket: async (sha256, origin) =>
        answer(origin === "https://page.example" ? good.get(`ticket:${sha256}`) : undefined),
      liveCredentials: async (credentials) => {
        lookUps++;
        return answer(credentials.flatMap((credential) => good.get(credential) ?? []));
      },
    },
    me,
    sessions: {
      open: ({ session, actor, scopes }) => void seen.push(`open ${session} ${actor} ${scopes.join(",")}`),
      receive: (session, message) => void seen.push(`message ${session} ${methodOf(message)}`),
      close: async (session) => void seen.push(`close ${session}`),
    },
    hosting: {
      begin: async ({ actor, kind }) => void (kind === "external" && held.push(`begin ${actor}`)),
      hold: ({ actor }) => void held.push(`hold ${actor}`),
      release: ({ actor }) => void held.push(`release ${actor}`),
      tend: async () => lost.splice(0),
      leave: async () => {},
    },
    closeSession: (session, code) => void seen.push(`closed ${session} ${code}`),
    clock: {
      nowMs: () => 0,
      wallTime: () => new Date(0),
      sleep: (_, signal) =>
        new Promise((resolve) => {
          wake = resolve;
          signal?.addEventListener("abort", () => resolve(), { once: true });
        }),
    },
    log,
  });
});

const show = (token: string, kind: "bearer" | "ticket" = "bearer", origin?: string) =>
  door.authenticate({ token, kind, remoteAddress: "127.0.0.1", ...(origin === undefined ? {} : { origin }) });
const openAs = (session: string, credential: string, resumed = false) =>
  door.sessionOpened({ session, actor: "lead-1", credential, resumed, surface: null });
const settle = () => new Promise((resolve) => setImmediate(resolve));
const say = (session: string, method: string) => door.sessionMessage(session, { jsonrpc: "2.0", method });
const methodOf = (message: unknown): string =>
  typeof message === "object" && message !== null ? String(Reflect.get(message, "method")) : "";
/** One round of the watch. */
async function round(): Promise<void> {
  const stop = new AbortController();
  const watching = door.watch(stop.signal);
  wake();
  await settle();
  stop.abort();
  await watching;
}

describe("who comes in", () => {
  test("the node's own actor and external actors, who are hosted first; no other node's", async () => {
    expect(await show("own")).toEqual({ ok: true, actor: "lead-1", credential: bearer("own") });
    expect(await show("guest")).toEqual({ ok: true, actor: "guest", credential: bearer("guest") });
    expect(held).toEqual(["begin guest"]);
    expect(await show("others")).toMatchObject({ ok: false, code: "forbidden" });
    expect(await show("guessed")).toMatchObject({ ok: false, code: "unauthenticated" });
  });

  test("a page with its ticket, from where it was made for", async () => {
    const credential = `ticket:${tokenSha256("page")}`;
    expect(await show("page", "ticket", "https://page.example")).toEqual({ ok: true, actor: "lead-1", credential });
    for (const origin of ["https://evil.example", undefined])
      expect(await show("page", "ticket", origin)).toMatchObject({ ok: false, code: "unauthenticated" });
    // A ticket is no token, and a token no ticket.
    expect(await show("page")).toMatchObject({ ok: false });
    expect(await show("own", "ticket", "https://page.example")).toMatchObject({ ok: false });
  });

  test("nobody while the database is away: that is no refusal", async () => {
    away = true;
    await expect(show("own")).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("a session", () => {
  test("that was just let in begins at once, with the scopes of its token", async () => {
    await show("guest");
    openAs("s", bearer("guest"));
    say("s", "one");
    expect(seen).toEqual(["open s guest read,act", "message s one"]);
    expect(lookUps).toBe(0);
  });

  test("of an impl before waits for its credential with its messages, in order; many wait for one query", async () => {
    for (const id of ["a", "b", "c"]) openAs(id, bearer("own"), true);
    for (const text of ["one", "two"]) say("a", text);
    expect(seen).toEqual([]);
    await settle();
    expect(seen).toEqual([
      "open a lead-1 read,act",
      "message a one",
      "message a two",
      "open b lead-1 read,act",
      "open c lead-1 read,act",
    ]);
    expect(lookUps).toBeLessThanOrEqual(2);
  });

  test("of an impl before whose token was revoked since does not begin", async () => {
    good.delete(bearer("own"));
    openAs("s", bearer("own"), true);
    say("s", "one");
    await settle();
    expect(seen).toEqual(["close s", "closed s 4401"]);
  });

  test("waits for a database that is away, and is then let in", async () => {
    away = true;
    openAs("s", bearer("own"), true);
    say("s", "one");
    await round();
    expect(seen).toEqual([]);
    away = false;
    await round();
    expect(seen).toEqual(["open s lead-1 read,act", "message s one"]);
  });

  test("ends when its token does, and with it none of another token", async () => {
    await show("own");
    await show("guest");
    openAs("mine", bearer("own"));
    openAs("guests", bearer("guest"));
    seen.length = 0;
    await round();
    expect(seen).toEqual([]);
    good.delete(bearer("guest"));
    await round();
    expect(seen).toEqual(["close guests", "closed guests 4401"]);
    expect(held.at(-1)).toBe("release guest");
  });

  test("outlives a database that is away", async () => {
    await show("own");
    openAs("s", bearer("own"));
    away = true;
    await round();
    expect(seen).toEqual(["open s lead-1 read,act"]);
  });

  test("of an actor that another node has taken ends with 4409", async () => {
    await show("guest");
    openAs("s", bearer("guest"));
    lost = ["guest"];
    await round();
    expect(seen.slice(1)).toEqual(["close s", "closed s 4409"]);
  });

  test("that asks whether new logic works is the node's own, may only read, and is not looked up", async () => {
    openAs("probe", probeCredential);
    await round();
    expect(seen).toEqual(["open probe lead-1 read"]);
    expect(lookUps).toBe(0);
  });

  test("that floods before it has begun is ended", async () => {
    away = true;
    openAs("s", bearer("own"), true);
    for (let n = 0; n < 2_001; n++) say("s", "x");
    expect(seen).toEqual(["close s", "closed s 1011"]);
  });

  test("is let go of once, whoever ends it first", async () => {
    await show("guest");
    openAs("s", bearer("guest"));
    door.sessionClosed("s");
    door.sessionClosed("s");
    expect(held).toEqual(["begin guest", "hold guest", "release guest"]);
  });
});

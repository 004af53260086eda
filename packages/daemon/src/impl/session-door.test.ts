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
const page = "https://page.example";
/** A page that came back is known by a name of its own. */
const returned = "page:0199aaaa-bbbb-4ccc-8ddd-eeeeffff0001";

/** Tokens and tickets that are good, and whose they are. */
let good: Map<string, Principal>;
let lookUps: number;
let away: boolean;
let seen: string[];
let lost: string[];
let held: string[];
/** What was said for pages that are open. */
let kept: string[][];
let nowMs: number;
/** Ends the watch's present sleep. */
let wake: () => void;
let door: SessionDoor;

beforeEach(() => {
  [good, lookUps, away, seen, lost, held, wake] = [new Map(), 0, false, [], [], [], () => {}];
  [kept, nowMs] = [[], 0];
  const known = [
    principal("lead-1", "agent", bearer("own")),
    principal("guest", "external", bearer("guest")),
    principal("other-1", "agent", bearer("others")),
    principal("lead-1", "agent", `ticket:${tokenSha256("page")}`),
    principal("lead-1", "agent", returned),
  ];
  for (const one of known) good.set(one.credential, one);
  const answer = <T>(value: T): T => {
    if (away) throw new MeshError("unavailable", "The database is away.");
    return value;
  };
  door = createSessionDoor({
    store: {
      authenticate: async (sha256) => answer(good.get(`bearer:${sha256}`)),
      redeemTicket: async (sha256, origin) => answer(origin === page ? good.get(`ticket:${sha256}`) : undefined),
      redeemPageSecret: async (sha256s, origin) =>
        answer(origin === page && sha256s.includes(tokenSha256("secret")) ? good.get(returned) : undefined),
      keepPages: async (credentials) => answer(void kept.push([...credentials])),
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
      nowMs: () => nowMs,
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

const show = (token: string, kind: "bearer" | "ticket" | "page" = "bearer", origin?: string, other?: string) =>
  door.authenticate({ token, kind, origin, other, remoteAddress: "127.0.0.1" });
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

/** So many looks of the watch, half a second from one to the next. */
async function looks(many: number): Promise<void> {
  for (let look = 0; look < many; look++) {
    nowMs += 500;
    await round();
  }
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
    expect(await show("page", "ticket", page)).toEqual({ ok: true, actor: "lead-1", credential });
    for (const origin of ["https://evil.example", undefined])
      expect(await show("page", "ticket", origin)).toMatchObject({ ok: false, code: "unauthenticated" });
    // A ticket is no token, and a token no ticket.
    expect(await show("page")).toMatchObject({ ok: false });
    expect(await show("own", "ticket", page)).toMatchObject({ ok: false });
  });

  test("a page that comes back, by one of the secrets it shows", async () => {
    const letIn = { ok: true, actor: "lead-1", credential: returned };
    expect(await show("secret", "page", page)).toEqual(letIn);
    expect(await show("unknown", "page", page, "secret")).toEqual(letIn);
    const refused = { ok: false, code: "unauthenticated", message: expect.stringContaining("new ticket") };
    expect(await show("unknown", "page", page, "neither")).toEqual(refused);
    expect(await show("secret", "page", "https://evil.example")).toEqual(refused);
    expect(await show("secret", "page")).toEqual(refused);
    // Its secret is no token and no ticket.
    for (const kind of ["bearer", "ticket"] as const)
      expect(await show("secret", kind, page)).toMatchObject({ ok: false });
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

  test("of a page that came back elsewhere ends with 4401, while the one it has now goes on", async () => {
    const before = "page:0199aaaa-bbbb-4ccc-8ddd-eeeeffff0002";
    good.set(before, principal("lead-1", "agent", before));
    await show("secret", "page", page);
    openAs("old", before, true);
    openAs("new", returned);
    await settle();
    good.delete(before);
    seen.length = 0;
    await round();
    expect(seen).toEqual(["close old", "closed old 4401"]);
  });

  test("of a page is kept twice a minute, and no other", async () => {
    for (const shown of [show("own"), show("secret", "page", page), show("page", "ticket", page)]) await shown;
    openAs("token", bearer("own"));
    openAs("probe", probeCredential);
    await looks(120);
    expect(kept).toEqual([]);
    for (const id of ["one", "two"]) openAs(id, returned);
    openAs("ticket", `ticket:${tokenSha256("page")}`);
    await looks(120);
    expect(kept).toEqual(Array(2).fill([returned, `ticket:${tokenSha256("page")}`]));
    for (const id of ["one", "two", "ticket"]) door.sessionClosed(id);
    await looks(120);
    expect(kept).toHaveLength(2);
  });

  test("that cannot be kept while the database is away goes on, and is kept later", async () => {
    await show("secret", "page", page);
    openAs("s", returned);
    away = true;
    await looks(60);
    expect(kept).toHaveLength(1);
    away = false;
    await looks(60);
    expect(kept).toHaveLength(2);
    expect(seen).toEqual(["open s lead-1 read,act"]);
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

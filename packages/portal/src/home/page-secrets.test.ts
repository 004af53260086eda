import { describe, expect, it } from "vitest";
import { isTwin, load, makeSecret, nothing, offered, renewing, sha256Hex, store, takeTicket } from "./page-secrets.ts";

const secretOf = (protocol: string | undefined) =>
  Buffer.from(protocol?.split(".").at(-1) ?? "", "base64url").toString();

function memory(content: Record<string, string> = {}): Storage {
  const map = new Map(Object.entries(content));
  return {
    get length() {
      return map.size;
    },
    clear: () => map.clear(),
    getItem: (key) => map.get(key) ?? null,
    key: (index) => [...map.keys()][index] ?? null,
    removeItem: (key) => void map.delete(key),
    setItem: (key, value) => void map.set(key, value),
  };
}

/** An address and its history, as far as a ticket has to do with them. */
function visit(hash: string) {
  const replaced: string[] = [];
  const place = { hash, pathname: "/portal/", search: "" };
  const history = { replaceState: (_: unknown, __: string, url: string) => void replaced.push(url) };
  return { ticket: takeTicket(place, history), replaced };
}

describe("a ticket", () => {
  it("is taken out of the address before anything else happens, and with it nothing but where to go stays", () => {
    const secret = makeSecret();
    expect(visit(`#ticket=${secret}`)).toEqual({ ticket: secret, replaced: ["/portal/"] });
    expect(visit(`#ticket=${secret}&go=${encodeURIComponent("/tasks/x?as=table")}`)).toEqual({
      ticket: secret,
      replaced: ["/portal/#/tasks/x?as=table"],
    });
  });

  it("that is none leaves the address too, and opens nothing", () => {
    expect(visit("#ticket=<script>")).toEqual({ ticket: undefined, replaced: ["/portal/"] });
    expect(visit("#ticket=x&to=y")).toEqual({ ticket: undefined, replaced: ["/portal/"] });
    expect(visit("#/tasks")).toEqual({ ticket: undefined, replaced: [] });
  });

  it("leaves the address also where the way beside it is none", () => {
    const secret = makeSecret();
    expect(visit(`#ticket=${secret}&go=%E0%A4%A`)).toEqual({ ticket: secret, replaced: ["/portal/"] });
  });

  it("is shown to the node alone, is never kept, and ends what the tab was before", () => {
    const storage = memory();
    store(storage, { ...nothing, current: makeSecret() });
    const secret = makeSecret();
    const kept = load(storage, secret);
    expect(offered(kept)).toHaveLength(1);
    expect(offered(kept)[0]).toMatch(/^fed\.ticket\.[\w-]+$/);
    expect(secretOf(offered(kept)[0])).toBe(secret);
    store(storage, kept);
    expect(storage.length).toBe(0);
  });
});

describe("the secret that a page comes back by", () => {
  it("survives a reload of the tab, both the one in use and the one that may be", () => {
    const storage = memory();
    const [next, current] = [makeSecret(), makeSecret()];
    store(storage, { ...nothing, next, current });
    const kept = load(storage, undefined);
    expect(kept).toEqual({ ticket: undefined, next, current });
    expect(offered(kept).map(secretOf)).toEqual([next, current]);
  });

  it("is renewed with what may be known to the node already, where an answer was lost", () => {
    const [next, current] = [makeSecret(), makeSecret()];
    expect(renewing({ ...nothing, next, current }).next).toBe(next);
    expect(renewing({ ...nothing, current }, () => "made").next).toBe("made");
    expect(renewing({ ...nothing, ticket: "t" }, () => "made")).toEqual({ ...nothing, next: "made" });
  });

  it("is a twin's no more than a thief's: of two tabs with the same storage one knows that it is a copy", async () => {
    const storage = memory();
    expect(await isTwin(storage, navigator.locks, 50)).toBe(false);
    const copy = memory({ "federation.page-name": storage.getItem("federation.page-name") ?? "" });
    expect(await isTwin(copy, navigator.locks, 50)).toBe(true);
    expect(await isTwin(memory(), navigator.locks, 50)).toBe(false);
  });

  it("is 256 bits of chance, in letters that a subprotocol may have", () => {
    const made = Array.from({ length: 50 }, makeSecret);
    expect(new Set(made).size).toBe(50);
    for (const secret of made) expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it("of a storage that was tampered with counts as none", () => {
    for (const text of ["", "null", "[]", '{"current":1}', '{"current":"x y"}', "{", '{"next":{"a":1}}'])
      expect(offered(load(memory({ "federation.page": text }), undefined))).toEqual([]);
  });
});

it("hashes as the node does", async () => {
  expect(await sha256Hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

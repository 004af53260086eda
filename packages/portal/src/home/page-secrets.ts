/**
 * The secrets of a page in a browser: a ticket that is good once, and then a secret that is renewed.
 *
 * 1. They are in memory and in this tab's sessionStorage, and nowhere else; the ticket leaves the address before
 *    anything is done with it.
 * 2. A new secret is kept before the node is told its hash. Where that answer is lost, both are shown the next time: the
 *    node knows which of them is the latest.
 */
export interface Kept {
  readonly ticket: string | undefined;
  /** Made, and perhaps not known to the node. */
  readonly next: string | undefined;
  readonly current: string | undefined;
}

export const nothing: Kept = { ticket: undefined, next: undefined, current: undefined };

/** What is renewed with after an opening: what may be known to the node already is not replaced by another. */
export function renewing(kept: Kept, make: () => string = makeSecret): Kept & { readonly next: string } {
  // A ticket has opened what it can open.
  return { ...kept, ticket: undefined, next: kept.next ?? make() };
}

/** What the page shows the node beside the subprotocol: its ticket, or the secrets that may open its session. */
export function offered({ ticket, next, current }: Kept): readonly string[] {
  if (ticket !== undefined) return [`fed.ticket.${encoded(ticket)}`];
  return [next, current].filter((it) => it !== undefined).map((it) => `fed.resume.${encoded(it)}`);
}

const encoded = (secret: string): string => base64url(new TextEncoder().encode(secret));

const storageKey = "federation.page";
const ticketForm = /^[A-Za-z0-9_-]{20,200}$/;

/** Takes the ticket out of the address, so that neither history nor a screenshot keeps it. */
export function takeTicket(
  place: Pick<Location, "hash" | "pathname" | "search">,
  history: Pick<History, "replaceState">,
): string | undefined {
  const match = /^#ticket=([^&]*)(?:&go=(.*)|&.*)?$/.exec(place.hash);
  if (match === null) return undefined;
  const [, ticket = "", go = ""] = match;
  const way = decoded(go);
  history.replaceState(null, "", `${place.pathname}${place.search}${way === "" ? "" : `#${way}`}`);
  return ticketForm.test(ticket) ? ticket : undefined;
}

/** A link that was pasted into an open page changes what stands behind `#`, and the browser does not load it for that. */
export function bringsTicket(place: Pick<Location, "hash">): boolean {
  return place.hash.startsWith("#ticket=");
}

/** What is no way leads nowhere, and must not keep the ticket in the address. */
function decoded(go: string): string {
  try {
    return decodeURIComponent(go);
  } catch {
    return "";
  }
}

export function load(storage: Storage, ticket: string | undefined): Kept {
  // A new ticket is a new beginning: whose page this was before is over.
  if (ticket !== undefined) return { ...nothing, ticket };
  try {
    const stored: unknown = JSON.parse(storage.getItem(storageKey) ?? "{}");
    const text = (key: string) => {
      const value: unknown = typeof stored === "object" && stored !== null ? Reflect.get(stored, key) : undefined;
      return typeof value === "string" && ticketForm.test(value) ? value : undefined;
    };
    return { ticket: undefined, next: text("next"), current: text("current") };
  } catch {
    return nothing;
  }
}

const nameKey = "federation.page-name";

/**
 * Whether another living tab has this page's secrets: a tab that was duplicated has a copy of its sessionStorage, and two
 * that come back by the same secret are, to the node, a page and a thief. The first one keeps a lock for as long as it lives.
 */
export async function isTwin(storage: Storage, locks: LockManager, waitMs = 1_500): Promise<boolean> {
  const name = storage.getItem(nameKey) ?? crypto.randomUUID();
  storage.setItem(nameKey, name);
  return await new Promise((resolve) => {
    // After a reload the document before may take a moment to let go.
    const patience = AbortSignal.timeout(waitMs);
    locks
      .request(`federation.page.${name}`, { signal: patience }, () => {
        resolve(false);
        return new Promise(() => {});
      })
      .catch(() => resolve(true));
  });
}

/** A twin begins as a tab that was never here. */
export function startAnew(storage: Storage): void {
  storage.removeItem(storageKey);
  storage.setItem(nameKey, crypto.randomUUID());
}

export function store(storage: Storage, { next, current }: Kept): void {
  // A ticket is never kept: it is used within this load of the page, or not at all.
  if (next === undefined && current === undefined) storage.removeItem(storageKey);
  else storage.setItem(storageKey, JSON.stringify({ next, current }));
}

/** 256 random bits in letters that a subprotocol can carry. */
export function makeSecret(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

export async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

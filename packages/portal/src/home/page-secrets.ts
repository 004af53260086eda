/**
 * The secrets of a page in a browser: a ticket that is good once, and then a secret that changes with every use.
 *
 * 1. They are in memory and in this tab's sessionStorage, and nowhere else; the ticket leaves the address before
 *    anything is done with it.
 * 2. A new secret is kept before the node is told its hash. Where that answer is lost, both are there: the new one is
 *    tried first, for once it has been used the old one is good for nothing.
 */
export interface Kept {
  readonly ticket: string | undefined;
  readonly next: string | undefined;
  readonly current: string | undefined;
}

export interface Candidate {
  readonly kind: "ticket" | "resume";
  readonly secret: string;
}

/** What to show the node, in this order, until it lets the page in. */
export function candidates({ ticket, next, current }: Kept): readonly Candidate[] {
  const resume = [next, current].filter((it) => it !== undefined);
  return [
    ...(ticket === undefined ? [] : [{ kind: "ticket", secret: ticket } as const]),
    ...resume.map((secret) => ({ kind: "resume", secret }) as const),
  ];
}

/** After the node said that a candidate opens nothing any more. */
export function without(kept: Kept, refused: Candidate): Kept {
  const keep = (secret: string | undefined) => (secret === refused.secret ? undefined : secret);
  return { ticket: keep(kept.ticket), next: keep(kept.next), current: keep(kept.current) };
}

/** After a candidate opened a session: a ticket is used up, and the older of two secrets is over. */
export function after(kept: Kept, used: Candidate): Kept {
  return used.kind === "ticket"
    ? { ticket: undefined, next: undefined, current: undefined }
    : { ticket: kept.ticket, next: undefined, current: used.secret };
}

const storageKey = "federation.page";
const ticketForm = /^[A-Za-z0-9_-]{20,200}$/;

/** Takes the ticket out of the address, so that neither history nor a screenshot keeps it. */
export function takeTicket(place: Location, history: History): string | undefined {
  const match = /^#ticket=([^&]*)(?:&go=(.*))?$/.exec(place.hash);
  if (match === null) return undefined;
  const [, ticket = "", go = ""] = match;
  history.replaceState(null, "", `${place.pathname}${place.search}${go === "" ? "" : `#${decodeURIComponent(go)}`}`);
  return ticketForm.test(ticket) ? ticket : undefined;
}

export function load(storage: Storage, ticket: string | undefined): Kept {
  // A new ticket is a new beginning: whose page this was before is over.
  if (ticket !== undefined) return { ticket, next: undefined, current: undefined };
  try {
    const stored: unknown = JSON.parse(storage.getItem(storageKey) ?? "{}");
    const text = (key: string) => {
      const value: unknown = typeof stored === "object" && stored !== null ? Reflect.get(stored, key) : undefined;
      return typeof value === "string" && ticketForm.test(value) ? value : undefined;
    };
    return { ticket: undefined, next: text("next"), current: text("current") };
  } catch {
    return { ticket: undefined, next: undefined, current: undefined };
  }
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

export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

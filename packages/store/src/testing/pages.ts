import { randomUUID } from "node:crypto";
import { MeshError, type PageSession } from "@federation/core";
import { tokenSha256 } from "../admin.ts";
import { hashOf } from "./external-actors.ts";
import { COMMANDER, type Federation, first } from "./federation-fixture.ts";

/** Pages as a node sees them: by the hashes of secrets, and by the names of credentials. A secret here is any new text. */
export const PORTAL = "https://portal.example";

export interface Visit {
  /** The node where it is. */
  readonly at?: string;
  /** Its actor, when that is another than the node's own. */
  readonly as?: string;
  /** The credential of the session in which its ticket is made; the token of the node's actor when not given. */
  readonly under?: string;
}

export interface Pages {
  /** Comes in by a new ticket. Answers the credential of the session that it opened. */
  arrive(visit?: Visit & { readonly origin?: string | null }): Promise<string>;
  /** The page renews with this secret, from the session with this credential. */
  renew(credential: string, secret: string, visit?: Visit): Promise<PageSession>;
  /** Comes in by a new ticket, and renews with `secret`. */
  begin(secret: string, visit?: Visit): Promise<PageSession & { readonly credential: string }>;
  /** Shows these secrets. Answers the credential of the session that was opened, or undefined. */
  back(
    secrets: string | readonly string[],
    visit?: Visit & { readonly origin?: string | null },
  ): Promise<string | undefined>;
  isLive(credential: string): Promise<boolean>;
  /** What a refusal is: its code, or `none`. */
  refusal(attempt: Promise<unknown>): Promise<string>;
  find(page: string): Promise<PageSession | undefined>;
  /** Who ended the page and why, from the log. */
  endings(page: string): Promise<readonly object[]>;
  /** The page was used last so long ago. */
  age(page: string, interval: string): Promise<void>;
}

export const newSecret = (): string => `secret-${randomUUID()}`;

export function pagesOf(federation: Federation): Pages {
  const bearer = (actor: string): string => `bearer:${tokenSha256(federation.credentials(actor).token)}`;
  const pages: Pages = {
    async arrive({ at = COMMANDER, as, origin = PORTAL, under = bearer(at) } = {}) {
      const sha256 = hashOf(newSecret());
      const operations = [{ op: "issue_ticket", sha256, origin, credential: under }] as const;
      await federation.store(at).apply({ callId: randomUUID(), command: "Test", operations, ...(as && { as }) });
      const principal = await federation.store(at).redeemTicket(sha256, origin);
      if (principal === undefined) throw new Error("the ticket was not taken");
      return principal.credential;
    },
    async renew(credential, secret, { at = COMMANDER, as } = {}) {
      const operations = [{ op: "renew_page_session", sha256: hashOf(secret), credential }] as const;
      const call = { callId: randomUUID(), command: "Test", operations, ...(as && { as }) };
      const { page } = first(await federation.store(at).apply(call));
      if (page === undefined) throw new Error("the answer names no page");
      return page;
    },
    async begin(secret, visit = {}) {
      const credential = await pages.arrive(visit);
      return { ...(await pages.renew(credential, secret, visit)), credential };
    },
    async back(secrets, { at = COMMANDER, origin = PORTAL } = {}) {
      const hashes = [secrets].flat().map(hashOf);
      return (await federation.store(at).redeemPageSecret(hashes, origin))?.credential;
    },
    isLive: async (credential) => (await federation.store(COMMANDER).liveCredentials([credential])).length === 1,
    refusal: (attempt) =>
      attempt.then(
        () => "none",
        (error: unknown) => MeshError.from(error).code,
      ),
    async find(page) {
      const request = { live: false, limit: 500 };
      const { sessions } = await federation.store(COMMANDER).listPages(request, COMMANDER, "?");
      return sessions.find((session) => session.id === page);
    },
    endings: (page) =>
      federation.owner(
        "select actor, data ->> 'actor' as of, data ->> 'reason' as why from federation.events where kind = 'PageSessionEnded' and subject = $1",
        [page],
      ),
    async age(page, interval) {
      await federation.owner("update federation.page_sessions set used_at = used_at - $2::interval where id = $1", [
        page,
        interval,
      ]);
    },
  };
  return pages;
}

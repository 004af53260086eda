import { actorKindSchema, control, roleSchema, scopeNameSchema } from "@federation/core";
import type { Store } from "@federation/runtime/ports";
import { z } from "zod";

/** Who may open a session, and whom this daemon speaks for beside its own actor. */
type IdentityDoors = Pick<
  Store,
  | "authenticate"
  | "redeemTicket"
  | "redeemPageSecret"
  | "keepPages"
  | "listPages"
  | "liveCredentials"
  | "hostActor"
  | "renewHosting"
  | "endHosting"
>;

const principalSchema = z.object({
  actor: z.string(),
  role: roleSchema,
  kind: actorKindSchema,
  scopes: z.array(scopeNameSchema),
  credential: z.string(),
});

/** Somebody waits at the door: what takes longer is answered with `unavailable`. */
const DOOR_RETRY_MS = 2_000;

export function identityDoors(
  door: (call: string, values: readonly unknown[], retryMs?: number) => Promise<unknown>,
  context: () => string,
): IdentityDoors {
  const principal = (answer: unknown) => (answer === null ? undefined : principalSchema.parse(answer));
  return {
    authenticate: async (tokenSha256) =>
      principal(await door("federation.authenticate($1)", [tokenSha256], DOOR_RETRY_MS)),
    // Asked once: whether an attempt whose answer was lost used the ticket up cannot be told.
    redeemTicket: async (tokenSha256, origin) =>
      principal(await door("federation.redeem_ticket($1, $2, $3)", [context(), tokenSha256, origin], 0)),
    // A repeat lets the page in once more, which ends only what the first try would have opened.
    redeemPageSecret: async (sha256s, origin) =>
      principal(
        await door("federation.redeem_page_secret($1, $2, $3)", [context(), [...sha256s], origin], DOOR_RETRY_MS),
      ),
    async keepPages(credentials) {
      await door("federation.keep_pages($1, $2)", [context(), [...credentials]], DOOR_RETRY_MS);
    },
    listPages: async ({ live, limit }, as, credential) =>
      control.ListPageSessions.response.parse(
        await door("federation.list_pages($1, $2, $3, $4)", [as, credential, live, limit]),
      ),
    liveCredentials: async (credentials) =>
      z.array(principalSchema).parse(await door("federation.live_credentials($1)", [[...credentials]], DOOR_RETRY_MS)),
    async hostActor(credential, ttlMs) {
      await door("federation.host_actor($1, $2, $3)", [context(), credential, ttlMs], DOOR_RETRY_MS);
    },
    renewHosting: async (credentials, ttlMs) =>
      z
        .array(z.string())
        .parse(await door("federation.renew_hosting($1, $2, $3)", [context(), [...credentials], ttlMs], DOOR_RETRY_MS)),
    async endHosting(actor) {
      await door("federation.end_hosting($1, $2)", [context(), actor], DOOR_RETRY_MS);
    },
  };
}

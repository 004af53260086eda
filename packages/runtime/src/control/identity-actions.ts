import { type ControlRequest, type ControlResponse, MeshError } from "@federation/core";
import type { ControlCaller } from "../ports/index.ts";
import { applyCall, type ControlDeps, resultOf } from "./call.ts";
import { done, fromRows, handle } from "./handler.ts";

/** Actors without a daemon, tokens, tickets and pages. Who may do what with whose, the database decides from the login. */
export function identityHandlers(deps: ControlDeps) {
  return {
    AddActor: handle("AddActor", async ({ name, role, description = "" }, caller) => {
      await applyCall(deps, caller, "AddActor", [{ op: "add_actor", name, role, description }]);
      return { actor: name };
    }),
    RetireActor: handle("RetireActor", async ({ name }, caller) => {
      await applyCall(deps, caller, "RetireActor", [{ op: "retire_actor", name }]);
      return done;
    }),
    IssueToken: handle("IssueToken", (request, caller) => issueToken(deps, request, caller)),
    ListTokens: fromRows(deps, "ListTokens"),
    RevokeToken: handle("RevokeToken", async ({ token }, caller) => {
      await applyCall(deps, caller, "RevokeToken", [{ op: "revoke_token", id: token }]);
      return done;
    }),
    IssueTicket: handle("IssueTicket", async ({ sha256, origin = null, lastsMs }, caller) => {
      const { credential } = caller;
      const operations = [{ op: "issue_ticket", sha256, origin, credential, lastsMs }] as const;
      const outcome = await applyCall(deps, caller, "IssueTicket", operations);
      const { expiresAt } = resultOf(outcome, operations, "issue_ticket");
      if (expiresAt === undefined)
        throw new MeshError("internal", "The database did not say until when a ticket is good.");
      return { expiresAt };
    }),
    RenewPageSession: handle("RenewPageSession", async ({ sha256 }, caller) => {
      const operations = [{ op: "renew_page_session", sha256, credential: caller.credential }] as const;
      const outcome = await applyCall(deps, caller, "RenewPageSession", operations);
      const { page: session } = resultOf(outcome, operations, "renew_page_session");
      if (session === undefined) throw new MeshError("internal", "The database did not say what page this is.");
      // A refusal would have taken the end of the page back with it.
      if (session.state !== "live")
        throw new MeshError("refused", `This page's session has ended: ${session.reason}; come in by a new ticket.`, {
          details: { article: "one-voice" },
        });
      return { session };
    }),
    ListPageSessions: handle("ListPageSessions", (request, { actor, credential }) =>
      deps.store.listPages(request, actor, credential),
    ),
    EndPageSession: handle("EndPageSession", async ({ session }, caller) => {
      await applyCall(deps, caller, "EndPageSession", [{ op: "end_page_session", id: session }]);
      return done;
    }),
  };
}

/** For oneself one issues no token that may do more than the one it is issued under. */
async function issueToken(
  deps: ControlDeps,
  request: ControlRequest<"IssueToken">,
  caller: ControlCaller,
): Promise<ControlResponse<"IssueToken">> {
  const { id = deps.random.uuid(), actor = caller.actor, replaces = null, ...rest } = request;
  const wider = rest.scopes.filter((scope) => !caller.scopes.includes(scope));
  if (actor === caller.actor && wider.length > 0)
    throw new MeshError(
      "forbidden",
      `Your token has not the scope "${wider.join(", ")}", and gives none that it has not; ask for less: scopes ${caller.scopes.join(", ")}.`,
    );
  const operations = [{ op: "issue_token", id, actor, replaces, ...rest }] as const;
  const outcome = await applyCall(deps, caller, "IssueToken", operations);
  const issued = resultOf(outcome, operations, "issue_token").id ?? id;
  const { tokens } = await deps.store.query("ListTokens", { actor, live: false }, caller.actor);
  const token = tokens.find((t) => t.id === issued);
  if (token === undefined) throw new MeshError("internal", "The token is issued, and is not in the list.");
  return { token };
}

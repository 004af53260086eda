import { applyCall, type ControlDeps } from "./call.ts";
import { done, fromRows, handle } from "./handler.ts";

/** Claims and keys for git. What an actor may register or revoke, the database decides. */
export function gitHandlers(deps: ControlDeps) {
  return {
    ShowClaim: fromRows(deps, "ShowClaim"),
    ListClaims: fromRows(deps, "ListClaims"),
    ListSigningKeys: fromRows(deps, "ListSigningKeys"),
    AddSigningKey: handle("AddSigningKey", async ({ actor, publicKey, fingerprint }, caller) => {
      await applyCall(deps, caller, "AddSigningKey", [
        { op: "add_signing_key", actor: actor ?? caller.actor, publicKey, fingerprint },
      ]);
      return { fingerprint };
    }),
    RevokeSigningKey: handle("RevokeSigningKey", async ({ fingerprint }, caller) => {
      await applyCall(deps, caller, "RevokeSigningKey", [{ op: "revoke_signing_key", fingerprint }]);
      return done;
    }),
    RecordGit: handle("RecordGit", async (record, caller) => {
      await applyCall(deps, caller, "RecordGit", [{ op: "record_git", ...record }]);
      return done;
    }),
  };
}

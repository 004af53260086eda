/** Keys of ours in `_meta`. */

/** In `params._meta` of a `tools/call`: the id under which its outcome is recorded. */
export const callIdMetaKey = "federation/callId";
/** In `_meta` of a tool's result: the error it is, as data. */
export const errorMetaKey = "federation/error";

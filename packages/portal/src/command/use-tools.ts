import { type ControlName, type MeshError, toolName } from "@federation/core";
import { useApp } from "../app/app.ts";

/** Of one command, as the node offers it to this actor and its token. */
export type Offer =
  | { readonly state: "loading" }
  | { readonly state: "failed"; readonly error: MeshError; readonly again: () => void }
  | { readonly state: "forbidden" }
  | { readonly state: "offered"; readonly schema: unknown };

export function useOffer(name: ControlName): Offer {
  const { tools } = useApp();
  const { offered, error } = tools.state.value;
  if (offered === undefined)
    return error === undefined ? { state: "loading" } : { state: "failed", error, again: tools.load };
  const schema = offered.get(toolName(name));
  return schema === undefined ? { state: "forbidden" } : { state: "offered", schema };
}

export function useAllowed(): (name: ControlName) => boolean {
  const { offered } = useApp().tools.state.value;
  return (name) => offered === undefined || offered.has(toolName(name));
}

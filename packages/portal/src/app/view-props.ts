import type { Route } from "../routing/route.ts";

/** What each room is told of where one is. */
export interface ViewProps {
  readonly id: string | undefined;
  readonly params: Route["params"];
}

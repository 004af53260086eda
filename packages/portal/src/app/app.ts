/** What every part of the page has at hand. */
import type { ControlResponse } from "@federation/core";
import type { ControlClient } from "@federation/mcp/client/web";
import { type ReadonlySignal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { createTools, type Tools } from "../command/tools.ts";
import { createMeshClock, type MeshClock } from "../data/clock.ts";
import { createLiveLog, type LiveLog } from "../data/live-log.ts";
import { createMesh, type Mesh } from "../data/mesh.ts";
import { createQueries, type Queries } from "../data/queries.ts";
import type { Home } from "../home/home.ts";
import { parseRoute, type Route } from "../routing/route.ts";
import { createDialogs, type Dialogs } from "./dialogs.ts";
import { createDrafts, type Drafts } from "./drafts.ts";

export type Roster = ControlResponse<"ListRoster">["actors"];

export interface App {
  readonly home: Home;
  readonly mesh: Mesh;
  readonly log: LiveLog;
  readonly queries: Queries;
  readonly clock: MeshClock;
  readonly route: ReadonlySignal<Route>;
  readonly dialogs: Dialogs;
  readonly tools: Tools;
  readonly drafts: Drafts;
  /** Status of the node, with who I am; undefined until it first answered. */
  readonly status: ReadonlySignal<ControlResponse<"GetStatus"> | undefined>;
  readonly roster: ReadonlySignal<Roster>;
  go(href: string): void;
  /** As `go`, without leaving a step in the history: for what one sets while one looks. */
  replace(href: string): void;
}

const statusEveryMs = 10_000;
/** Presence is a matter of leases, and changes without an event. */
const rosterEveryMs = 2_500;

export function createApp(home: Home): App {
  const dialogs = createDialogs();
  const mesh = createMesh(home, dialogs.askPerson);
  const log = createLiveLog(mesh);
  const queries = createQueries(mesh, log);
  const clock = createMeshClock();
  const tools = createTools(mesh);
  const drafts = createDrafts();
  const route = signal(parseRoute(location.hash));
  window.addEventListener("hashchange", () => {
    route.value = parseRoute(location.hash);
  });
  const status = signal<ControlResponse<"GetStatus"> | undefined>(undefined);
  const roster = signal<Roster>([]);

  const statusQuery = queries.of("GetStatus", {});
  statusQuery.hold(statusEveryMs);
  statusQuery.state.subscribe(({ data }) => {
    if (data !== undefined) status.value = data;
  });
  const rosterQuery = queries.of("ListRoster", {});
  rosterQuery.hold(rosterEveryMs);
  rosterQuery.state.subscribe(({ data }) => {
    if (data !== undefined) roster.value = data.actors;
  });
  mesh.onConnected((client) => void setClock(client, clock).catch(() => {}));

  return {
    home,
    mesh,
    log,
    queries,
    clock,
    route,
    dialogs,
    tools,
    drafts,
    status,
    roster,
    go: (href) => {
      location.hash = href;
    },
    replace: (href) => {
      history.replaceState(null, "", href);
      route.value = parseRoute(href);
    },
  };
}

async function setClock(client: ControlClient, clock: MeshClock): Promise<void> {
  const askedMs = Date.now();
  const { now } = await client.call("GetStatus", {});
  clock.adjust(now, askedMs, Date.now());
}

export const AppContext = createContext<App | undefined>(undefined);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === undefined) throw new Error("a part of the page stands outside of the app");
  return app;
}

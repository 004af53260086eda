import { MeshError } from "@federation/core";
import type { ControlClient } from "@federation/mcp/client";
import type { Given } from "../given.ts";
import type { WayOption } from "../way.ts";

/** What many rows share. */
export const limit: WayOption = ["--limit <n>", "at most this many rows, 1 to 500 (50)"];
export const inMission: WayOption = ["--mission <id>", "only of this mission"];
export const reason: WayOption = ["--reason <text>", "why, for the record"];
export const fence: WayOption = ["--fence <n>", "the fence your claim gave you"];
export const details: WayOption = ["--details", "also duties, decisions and notices"];
export const done = (what: string) => (): string => what;

/** The mission named, or else the newest. @throws MeshError `not_found` when there is none. */
export async function missionOf(given: Given, client: ControlClient): Promise<string> {
  const named = given.maybe("mission");
  if (named !== undefined) return named;
  const { missions } = await client.call("ListMissions", { limit: 1 });
  const newest = missions[0];
  if (newest === undefined) throw new MeshError("not_found", "There is no mission yet; start one with: mission start.");
  return newest.id;
}

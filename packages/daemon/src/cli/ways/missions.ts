import { showEvents } from "../show/show-events.ts";
import { showMission, showMissions, showReport } from "../show/show-missions.ts";
import { type Way, way } from "../way.ts";
import { details, done, limit, missionOf } from "./parts.ts";

/** Missions. */
export const missionsWays: readonly Way[] = [
  way("StartMission", "mission start <objective...>", {
    options: [
      ["--member <actor>", "an agent who takes part; every agent when none is named", "many"],
      ["--vote", "take part in the votes yourself"],
      ["--repository <name>", "a repository of the nodes' configuration: the result is committed there"],
      ["--path <pattern>", "what its task may write, as in docs/**", "many"],
      ["--seed <n>", "seed of the models' choices"],
      ["--watch", "stay and show what happens, until the mission is closed"],
      details,
    ],
    request: (given) => ({
      objective: given.text("objective"),
      members: given.list("member").length === 0 ? undefined : [...given.list("member")],
      vote: given.flag("vote"),
      repository: given.maybe("repository"),
      scope: [...given.list("path")],
      seed: given.whole("seed"),
    }),
    show: (_, answer) => `Started mission ${answer.mission}.`,
    followAfter: (given, { mission }) =>
      given.flag("watch") ? { conversation: mission, untilClosed: true, details: given.flag("details") } : undefined,
  }),
  way("ListMissions", "mission list", {
    options: [["--open", "only those not yet closed"], limit],
    request: (given) => ({ open: given.flag("open"), limit: given.whole("limit") }),
    show: showMissions,
  }),
  way("ShowMission", "mission show [mission]", {
    request: async (given, client) => ({ mission: await missionOf(given, client) }),
    show: showMission,
  }),
  way("ReportMission", "mission report [mission]", {
    request: async (given, client) => ({ mission: await missionOf(given, client) }),
    show: showReport,
  }),
  way("AdvancePhase", "mission advance [mission]", {
    request: async (given, client) => ({ mission: await missionOf(given, client) }),
    show: done("Your duty to move the phase on is closed."),
  }),
  way("ListEvents", "mission watch [mission]", {
    doc: "Shows what happens in a mission, from its beginning until it is closed; without an id, in the newest.",
    options: [details],
    request: async (given, client) => ({ conversation: await missionOf(given, client) }),
    show: (paper, answer, given) => showEvents(paper, answer, given.flag("details")),
    follow: async (given, client) => ({
      conversation: await missionOf(given, client),
      untilClosed: true,
      details: given.flag("details"),
    }),
  }),
];

import { type Amendment, MeshError } from "@federation/core";
import type { Given } from "../given.ts";
import type { WayOption } from "../way.ts";

/** A change of the charter, as it is typed. */
export const amendmentOptions: readonly WayOption[] = [
  ["--set <article.parameter=value>", "set a parameter, as in quorum-and-deadline.quorum=0.6"],
  ["--switch-on <article>", "put an optional article in force again"],
  ["--switch-off <article>", "switch an optional article off"],
  ["--advise <name>", "add advice under this name: its title and text are those of the motion"],
  ["--drop-advice <name>", "drop advice"],
];

/** @throws MeshError `invalid_input` unless exactly one change is named. */
export function amendmentOf(given: Given): Amendment {
  const changes = ["set", "switchOn", "switchOff", "advise", "dropAdvice"].flatMap((option): readonly Amendment[] => {
    const value = given.maybe(option);
    return value === undefined ? [] : [changeOf(option, value, given)];
  });
  const [change] = changes;
  if (change === undefined || changes.length > 1)
    throw new MeshError(
      "invalid_input",
      "Name one change: --set, --switch-on, --switch-off, --advise or --drop-advice.",
    );
  return change;
}

function changeOf(option: string, value: string, given: Given): Amendment {
  switch (option) {
    case "switchOn":
      return { change: "switch_on", article: value };
    case "switchOff":
      return { change: "switch_off", article: value };
    case "dropAdvice":
      return { change: "drop_advisory", article: value };
    case "advise":
      return { change: "add_advisory", article: value, title: given.text("title"), text: given.text("text") };
    default:
      return setting(value);
  }
}

function setting(text: string): Amendment {
  const parts = /^([a-z0-9-]+)\.([a-zA-Z.]+)=(.+)$/.exec(text);
  const [, article = "", parameter = "", typed = ""] = parts ?? [];
  if (parts === null)
    throw new MeshError(
      "invalid_input",
      `"${text}" is no setting; write it as in quorum-and-deadline.quorum=0.6, a list as ["a","b"].`,
    );
  return { change: "set_parameter", article, parameter, value: typedValue(typed) };
}

function typedValue(typed: string): Extract<Amendment, { change: "set_parameter" }>["value"] {
  let value: unknown;
  try {
    value = JSON.parse(typed);
  } catch {
    return typed;
  }
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(String);
  throw new MeshError("invalid_input", `A parameter is a number, true, false, a word or a list, not ${typed}.`);
}

/** What the motion is called when it is given no title. */
export function titleOf(change: Amendment): string {
  switch (change.change) {
    case "set_parameter":
      return `Set ${change.article}.${change.parameter} to ${JSON.stringify(change.value)}`;
    case "switch_on":
      return `Put the article ${change.article} in force`;
    case "switch_off":
      return `Switch the article ${change.article} off`;
    case "add_advisory":
      return change.title;
    case "drop_advisory":
      return `Drop the advice ${change.article}`;
  }
}

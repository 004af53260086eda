import { parameterOf } from "./amend.ts";
import type { Change } from "./amendment.ts";
import type { CharterParameters } from "./parameters.ts";

/**
 * What a motion changes, in a sentence for people and models. It may hold words of the motion's author (a title, a
 * path, instructions): whoever shows it to a model quotes it. With the parameters in force it says what they are now.
 */
export function changeInWords(change: Change, inForce?: CharterParameters): string {
  switch (change.change) {
    case "set_parameter": {
      const now = inForce === undefined ? undefined : parameterOf(inForce, change.article, change.parameter);
      const from = now === undefined ? "" : ` from ${JSON.stringify(now)}`;
      return `It sets ${change.parameter} of the article ${change.article}${from} to ${JSON.stringify(change.value)}.`;
    }
    case "switch_on":
      return `It puts the article ${change.article} in force.`;
    case "switch_off":
      return `It switches the article ${change.article} off.`;
    case "add_advisory":
      return `It adds the advice ${change.article}, which is shown and not enforced: ${change.title}. ${change.text}`;
    case "drop_advisory":
      return `It drops the advice ${change.article}.`;
    case "open_task":
      return `It opens a ${change.taskKind} for ${change.assignee}${change.scope.length === 0 ? "" : ` within ${change.scope.join(", ")}`}: ${change.instructions}`;
    case "ratify":
      return `It ratifies the charter as it stands in version ${change.version}.`;
  }
}

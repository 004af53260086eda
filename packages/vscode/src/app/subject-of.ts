import type { Item, Subject } from "../views/item.ts";

const none: Subject = { kind: "none" };

/** What a command is about: menus of a tree hand over its line, the palette hands over nothing. */
export function subjectOf(given: unknown): Subject {
  if (typeof given !== "object" || given === null || !("subject" in given)) return none;
  const { subject } = given as Pick<Item, "subject">;
  return typeof subject === "object" && subject !== null && "kind" in subject ? subject : none;
}

import type { ChatMessage } from "../ports/index.ts";
import { type WordsAsk, wordsAsk } from "./asks.ts";
import type { WordedKind } from "./model-heads.ts";

/**
 * One answer shown as an earlier exchange: a small model learns the form from it. Several per kind in rotation, all
 * about other subjects than software, so that what is copied from them is seen.
 */
interface Example {
  readonly objective: string;
  readonly title?: string;
  readonly text: string;
  readonly files?: readonly { readonly path: string; readonly content: string }[];
}

type Rotation = readonly [Example, ...Example[]];

const shed = "Choose a place for the bicycle shed";
const library = "Open the village library on Sundays";
const bakery = "Sell less bread that is a day old";
const garden = "Water the school garden in August";

const plans: Rotation = [
  {
    objective: shed,
    title: "Build the shed beside the north gate",
    text: "Most riders come through the north gate. Mark the ground first, and ask the riders for a week.",
  },
  {
    objective: library,
    title: "Try four Sundays with two volunteers",
    text: "Open from ten to two and count the visitors. Keep the Sunday only if forty people come.",
  },
  {
    objective: garden,
    title: "Give each class one week of watering",
    text: "A list at the door names the class of the week. One neighbour keeps the spare key.",
  },
];

const critiques: Rotation = [
  { objective: shed, text: "Nobody has asked who pays for the roof. The gate is also locked after eight." },
  { objective: library, text: "Two volunteers are too few when one is ill. Name a third before the first Sunday." },
  { objective: bakery, text: "The plan counts loaves but not hours. Find out first when the old bread is left over." },
];

// Both sides in one sentence: an example must not lean to a yes or a no.
const reasons: Rotation = [
  { objective: shed, text: "The north gate is busy and near, though the roof still has no price." },
  { objective: library, text: "Counting visitors is a fair test, while the number of volunteers stays a risk." },
  { objective: garden, text: "One week for each class is simple, but holidays need a second key." },
];

const instructions: Rotation = [
  { objective: shed, text: "Measure the ground beside the north gate. Draw the shed and note its price." },
  { objective: bakery, text: "Count the old loaves each evening of one week. Write down the hour of the last sale." },
  { objective: garden, text: "Make the list of classes for August. Hang it at the garden door." },
];

const results: Rotation = [
  {
    objective: library,
    text: "The library opens on four Sundays from ten to two. Two volunteers count every visitor.",
    files: [{ path: "sundays.md", content: "Doors open at ten. Each visitor gets a mark on the sheet." }],
  },
  {
    objective: bakery,
    text: "The last oven starts one hour earlier. Bread that is left at six costs half.",
    files: [{ path: "evening.md", content: "Count the loaves at six. Write the number in the book." }],
  },
  {
    objective: garden,
    text: "Each class waters for one week in August. The list hangs at the garden door.",
    files: [{ path: "watering.md", content: "Water in the morning before nine. Give the key to the next class." }],
  },
];

const talk: Rotation = [
  { objective: shed, text: "Riders need light in the evening, so the shed should stand near a lamp." },
  { objective: library, text: "Many families are free on Sunday, so we should ask them before we choose hours." },
  { objective: garden, text: "The beans dry out first, so watering should begin with them." },
];

const questions: Rotation = [
  { objective: shed, text: "How many riders come through the north gate each morning?" },
  { objective: library, text: "Which two volunteers can open the door on the first Sunday?" },
  { objective: bakery, text: "At which hour do you sell the last loaf on a weekday?" },
];

const lessons: Rotation = [
  { objective: shed, text: "Asking riders before measuring saved a second visit." },
  { objective: library, text: "A plan with a number to reach was easy to judge." },
  { objective: bakery, text: "Counting for one week showed more than guessing for a year." },
];

const reports: Rotation = [
  {
    objective: library,
    text: "The team chose four Sundays as a test. Two volunteers opened the door and counted visitors. Forty people came on the third Sunday. The village keeps the Sunday hours.",
  },
  {
    objective: garden,
    text: "Every class took one week of watering. The list at the door was followed. The beans survived August. Next year the key needs a second keeper.",
  },
  {
    objective: shed,
    text: "The shed stands beside the north gate. Riders were asked for a week. The roof was cheaper than feared. A lamp comes in winter.",
  },
];

const choir = "Decide on the motion: Close the choir room at nine";
const market = "Decide on the motion: Let every stall change its place once a year";
const bath = "Decide on the motion: Ring a bell before the bath closes";

const comments: Rotation = [
  { objective: choir, text: "The last singers lose ten minutes. Nobody has asked those who lock the door." },
  { objective: market, text: "Once a year is easy to keep. Two stalls may still want the same corner." },
  { objective: bath, text: "A bell is cheap and plain. It also wakes the houses behind the bath." },
];

const motionReasons: Rotation = [
  { objective: choir, text: "Nine is clear to everybody, although the last train leaves a little later." },
  { objective: market, text: "A rule that is easy to check is good, while the corners will be argued about." },
  { objective: bath, text: "The bell spares the guard many words, but the neighbours were not heard." },
];

const setOf: Readonly<Record<WordedKind, Rotation>> = {
  say: talk,
  hold: talk,
  ask: questions,
  propose: plans,
  critique: critiques,
  reject: critiques,
  vote: reasons,
  adopt: reasons,
  accept: reasons,
  hand_back: reasons,
  assign: instructions,
  submit: results,
  report: reports,
  remember: lessons,
};

const setOfMotion: Partial<Record<WordedKind, Rotation>> = { critique: comments, vote: motionReasons };

export interface ShownExample {
  readonly messages: readonly [ChatMessage, ChatMessage];
  /** The example's words alone, to find copies of them. */
  readonly words: string;
}

/** The example for what is asked; `turn` walks through the rotation. */
export function exampleFor(ask: Omit<WordsAsk, "objective">, turn: number): ShownExample {
  const set = (ask.about === "motion" ? setOfMotion[ask.kind] : undefined) ?? setOf[ask.kind];
  const example = set[turn % set.length] ?? set[0];
  const values: Readonly<Record<string, unknown>> = {
    title: example.title === undefined ? "" : `${example.title}.`,
    text: example.text,
    files: example.files ?? [],
  };
  const answer = spaced(Object.fromEntries(ask.fields.map((name) => [name, values[name] ?? ""])));
  return {
    messages: [
      { role: "user", text: wordsAsk({ ...ask, objective: example.objective }) },
      { role: "assistant", text: answer },
    ],
    words: [example.title ?? "", example.text, ...(example.files ?? []).map((f) => f.content)].join("\n"),
  };
}

/** JSON on one line with a space after each colon and comma, as the answer grammar writes it. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).map(([name, part]) => `${JSON.stringify(name)}: ${spaced(part)}`);
  return `{${pairs.join(", ")}}`;
}

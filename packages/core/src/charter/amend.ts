import type { Amendment, Change } from "./amendment.ts";
import { articles } from "./articles.ts";
import { type ArticleId, type CharterParameters, charterParametersSchema, isArticleId } from "./parameters.ts";

/**
 * What an amendment makes of a charter, and what is different between two of them.
 *
 * 1. Nothing but what an amendment names changes, and what comes out is a charter again.
 * 2. An amendment that would change nothing is a problem: no version of the charter is like the one before it, so an
 *    amendment is never made twice.
 */
export interface Charter {
  readonly parameters: CharterParameters;
  /** Optional articles that are not in force. */
  readonly off: readonly ArticleId[];
  readonly advisories: readonly Advisory[];
}

/** Shown to models and people, and not enforced. */
export interface Advisory {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

export const MAX_ADVISORIES = 32;

export type Amended =
  | { readonly ok: true; readonly charter: Charter }
  | { readonly ok: false; readonly problem: string };

const problem = (text: string): Amended => ({ ok: false, problem: text });
const amended = (charter: Charter): Amended => ({ ok: true, charter });

export function amendCharter(charter: Charter, change: Amendment): Amended {
  switch (change.change) {
    case "set_parameter":
      return setParameter(charter, change);
    case "switch_on":
    case "switch_off":
      return switchArticle(charter, change.article, change.change === "switch_off");
    case "add_advisory":
      return addAdvisory(charter, { id: change.article, title: change.title, text: change.text });
    case "drop_advisory": {
      const advisories = charter.advisories.filter((a) => a.id !== change.article);
      return advisories.length < charter.advisories.length
        ? amended({ ...charter, advisories })
        : problem(`there is no advisory article ${change.article}`);
    }
  }
}

/** Whether a motion with this change needs the commander's yes. */
export function isEntrenched(change: Change | null): boolean {
  if (change === null || change.change === "open_task" || change.change === "ratify") return false;
  return isArticleId(change.article) && articles[change.article].entrenched;
}

type Value = Extract<Amendment, { change: "set_parameter" }>["value"];

function setParameter(charter: Charter, change: Extract<Amendment, { change: "set_parameter" }>): Amended {
  const { article, parameter, value } = change;
  if (!isArticleId(article)) return problem(`there is no article ${article}`);
  const path = [article, ...parameter.split(".")];
  const before = parameterOf(charter.parameters, article, parameter);
  if (before === undefined) return problem(`the article ${article} has no parameter ${parameter}`);
  if (same(before, value)) return problem(`${parameter} of the article ${article} is ${shown(value)} already`);
  const parsed = charterParametersSchema.safeParse(withValue(charter.parameters, path, value));
  if (parsed.success) return amended({ ...charter, parameters: parsed.data });
  return problem(
    `${parameter} of the article ${article} cannot be ${shown(value)}: ${parsed.error.issues[0]?.message}`,
  );
}

/** A copy of `record` in which the value at `path` is another. The path is one that is there. */
function withValue(record: object, [name, ...rest]: readonly string[], value: Value): object {
  return Object.fromEntries(
    Object.entries(record).map(([key, part]: [string, unknown]) => {
      if (key !== name) return [key, part];
      return [key, rest.length > 0 && isRecord(part) ? withValue(part, rest, value) : value];
    }),
  );
}

function switchArticle(charter: Charter, article: string, off: boolean): Amended {
  if (!isArticleId(article)) return problem(`there is no article ${article}`);
  if (!articles[article].optional) return problem(`the article ${article} is not optional`);
  if (charter.off.includes(article) === off)
    return problem(`the article ${article} is ${off ? "off" : "in force"} already`);
  // In order, so that equal charters are alike.
  const others = charter.off.filter((id) => id !== article);
  return amended({ ...charter, off: off ? [...others, article].sort() : others });
}

function addAdvisory(charter: Charter, advisory: Advisory): Amended {
  if (isArticleId(advisory.id)) return problem(`${advisory.id} is the name of an article that code enforces`);
  if (charter.advisories.some((a) => a.id === advisory.id))
    return problem(`there is an advisory article ${advisory.id} already; drop it first`);
  if (charter.advisories.length >= MAX_ADVISORIES)
    return problem(`a charter has at most ${MAX_ADVISORIES} advisory articles; drop one first`);
  return amended({ ...charter, advisories: [...charter.advisories, advisory] });
}

/** A version as it stands in its row: one of another build may have other articles and parameters. */
export interface CharterVersion {
  readonly parameters: Readonly<Record<string, object>>;
  readonly off: readonly string[];
  readonly advisories: readonly Advisory[];
}

/** One thing that is different: a parameter by its name, `in force`, or `advice`. Null: it is not there. */
export interface Difference {
  readonly article: string;
  readonly what: string;
  readonly before: Value | null;
  readonly after: Value | null;
}

/** What is different in `b`, in the order of the articles. */
export function diffCharter(a: CharterVersion, b: CharterVersion): readonly Difference[] {
  const after = new Map(factsOf(b).map((fact) => [keyOf(fact), fact]));
  const before = new Map(factsOf(a).map((fact) => [keyOf(fact), fact]));
  return [...new Map([...before, ...after]).values()].flatMap((fact) => {
    const [was, is] = [before.get(keyOf(fact))?.value ?? null, after.get(keyOf(fact))?.value ?? null];
    return same(was, is) ? [] : [{ article: fact.article, what: fact.what, before: was, after: is }];
  });
}

interface Fact {
  readonly article: string;
  readonly what: string;
  readonly value: Value;
}

const keyOf = ({ article, what }: Fact): string => `${article} ${what}`;

function factsOf(charter: CharterVersion): readonly Fact[] {
  const parameters = parametersOf(charter);
  const articlesIds = Object.keys(charter.parameters).filter(isArticleId);
  return [
    ...articlesIds.flatMap((article): readonly Fact[] => [
      { article, what: "in force", value: !charter.off.includes(article) },
      ...parameters.filter((p) => p.article === article),
    ]),
    ...charter.advisories.map((a): Fact => ({ article: a.id, what: "advice", value: `${a.title}. ${a.text}` })),
  ];
}

/** What a parameter is now; undefined where there is none of that name. */
export function parameterOf(parameters: CharterParameters, article: string, parameter: string): Value | undefined {
  return parametersOf({ parameters }).find((p) => p.article === article && p.what === parameter)?.value;
}

/** Every parameter with its value; of a nested one the name has a dot, as in `phaseDeadlineMs.vote`. */
function parametersOf({ parameters }: Pick<CharterVersion, "parameters">): readonly Fact[] {
  const flat = (article: string, prefix: string, record: object): readonly Fact[] =>
    Object.entries(record).flatMap(([name, value]: [string, unknown]) => {
      if (isRecord(value)) return flat(article, `${prefix}${name}.`, value);
      return isValue(value) ? [{ article, what: `${prefix}${name}`, value }] : [];
    });
  return Object.entries(parameters).flatMap(([article, record]) => flat(article, "", record));
}

const isRecord = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function isValue(value: unknown): value is Value {
  if (Array.isArray(value)) return value.every((part) => typeof part === "string");
  return ["number", "boolean", "string"].includes(typeof value);
}

const shown = (value: Value): string => JSON.stringify(value);
const same = (a: Value | null, b: Value | null): boolean => JSON.stringify(a) === JSON.stringify(b);

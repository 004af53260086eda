import { type CharterParameters, charterParametersSchema } from "./parameters.ts";

/** What may be changed in a charter: of the version in force as it stands in its row, which another build may have written. */
interface InForce<Advisory> {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly off: readonly string[];
  readonly advisories: readonly Advisory[];
}

interface Shipped {
  readonly articles: readonly { readonly id: string; readonly optional: boolean }[];
  readonly parameters: CharterParameters;
}

export interface CarriedOver<Advisory> {
  readonly parameters: CharterParameters;
  readonly off: readonly string[];
  readonly advisories: readonly Advisory[];
  /** What could not be kept, for a person to read: nothing that was agreed is lost without a word. */
  readonly dropped: readonly string[];
}

type Values = Readonly<Record<string, unknown>>;

const isValues = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * What stays as it was agreed when a build brings other articles or parameters: every value whose parameter is still
 * there and may still be what it is. The numbers that a build ships are for what nobody has agreed on yet.
 */
export function carryOver<Advisory extends { readonly id: string }>(
  inForce: InForce<Advisory>,
  shipped: Shipped,
): CarriedOver<Advisory> {
  const dropped: string[] = [];
  const leaf = (path: readonly string[], was: unknown, is: unknown): unknown => {
    if (JSON.stringify(was) === JSON.stringify(is)) return is;
    if (charterParametersSchema.safeParse(withValue(shipped.parameters, path, was)).success) return was;
    dropped.push(`${path.join(".")} was ${JSON.stringify(was)}, and is ${JSON.stringify(is)} now`);
    return is;
  };
  const merge = (path: readonly string[], was: Values, is: Values): Values => {
    for (const key of Object.keys(was))
      if (!Object.hasOwn(is, key)) dropped.push(`${[...path, key].join(".")} is no more`);
    return Object.fromEntries(
      Object.entries(is).map(([key, value]) => {
        const old = was[key];
        const at = [...path, key];
        if (!Object.hasOwn(was, key)) return [key, value];
        return [key, isValues(old) && isValues(value) ? merge(at, old, value) : leaf(at, old, value)];
      }),
    );
  };
  const parameters = charterParametersSchema.parse(merge([], inForce.parameters, shipped.parameters));
  const off = inForce.off.filter((id) => {
    const kept = shipped.articles.some((article) => article.id === id && article.optional);
    if (!kept) dropped.push(`${id} was switched off, and cannot be now`);
    return kept;
  });
  const advisories = inForce.advisories.filter(({ id }) => {
    const enforced = shipped.articles.some((article) => article.id === id);
    if (enforced) dropped.push(`the advice ${id} is an enforced article now`);
    return !enforced;
  });
  return { parameters, off, advisories, dropped };
}

function withValue(values: Values, [key = "", ...rest]: readonly string[], value: unknown): Values {
  const inner = values[key];
  return { ...values, [key]: rest.length === 0 || !isValues(inner) ? value : withValue(inner, rest, value) };
}

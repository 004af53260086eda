/**
 * Every option of a schema, one row each: where it is in the file, its name in the environment, what it takes.
 * Help text, overrides and "did you mean" are all read from this table, so they cannot disagree with the schema.
 */
import { z } from "zod";

export interface OptionRow {
  /** Dotted path in the file, e.g. `listen.port`. */
  readonly key: string;
  /** Name that overrides it, or undefined for what only the file can say (objects in lists). */
  readonly env: string | undefined;
  readonly kind: "text" | "number" | "switch" | "list" | "structure";
  /** What it takes, e.g. `text`, `number`, `debug | info`. */
  readonly takes: string;
  readonly isPath: boolean;
  readonly description: string;
  readonly required: boolean;
  readonly defaultValue: unknown;
}

type Schema = z.core.$ZodType;

export function optionTable(schema: Schema): readonly OptionRow[] {
  const rows = new Map<string, OptionRow>();
  visit(schema, "", true, rows);
  return [...rows.values()];
}

/** `listen.allowedOrigins` → `FEDERATION_LISTEN_ALLOWED_ORIGINS`. */
export function environmentName(key: string): string {
  return `FEDERATION_${key
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(".", "_")
    .toUpperCase()}`;
}

interface Unwrapped {
  readonly schema: Schema;
  readonly required: boolean;
  readonly defaultValue: unknown;
  readonly description: string;
  readonly isPath: boolean;
}

function unwrap(outer: Schema): Unwrapped {
  let schema = outer;
  let required = true;
  let defaultValue: unknown;
  let description = "";
  let isPath = false;
  for (;;) {
    const meta = z.globalRegistry.get(schema);
    if (description === "" && typeof meta?.description === "string") description = meta.description;
    if (meta?.["path"] === true) isPath = true;
    if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
      required = false;
      defaultValue ??= schema.def.defaultValue;
      schema = schema.def.innerType;
    } else if (schema instanceof z.ZodOptional) {
      required = false;
      schema = schema.def.innerType;
    } else if (schema instanceof z.ZodReadonly) {
      schema = schema.def.innerType;
    } else {
      return { schema, required, defaultValue, description, isPath };
    }
  }
}

function visit(outer: Schema, key: string, parentRequired: boolean, rows: Map<string, OptionRow>): void {
  const { schema, ...facts } = unwrap(outer);
  if (schema instanceof z.ZodObject) {
    const required = parentRequired && facts.required;
    for (const [name, child] of Object.entries(schema.def.shape)) {
      visit(child, key === "" ? name : `${key}.${name}`, required, rows);
    }
    return;
  }
  if (schema instanceof z.ZodDiscriminatedUnion) {
    for (const option of schema.def.options) visit(option, key, false, rows);
    const discriminator = `${key}.${schema.def.discriminator}`;
    const row = rows.get(discriminator);
    const takes = schema.def.options.map((option) => takesOf(option, schema.def.discriminator)).join(" | ");
    const fallback = nested(facts.defaultValue, schema.def.discriminator);
    if (row !== undefined) rows.set(discriminator, { ...row, takes, defaultValue: fallback });
    return;
  }
  const known = rows.get(key);
  const [kind, takes] = describeLeaf(schema);
  rows.set(key, {
    key,
    env: kind === "structure" ? undefined : environmentName(key),
    kind,
    takes,
    isPath: facts.isPath || known?.isPath === true,
    description: facts.description === "" ? (known?.description ?? "") : facts.description,
    required: parentRequired && facts.required,
    defaultValue: facts.defaultValue,
  });
}

function nested(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function takesOf(option: Schema, field: string): string {
  if (!(option instanceof z.ZodObject)) return "";
  const child = option.def.shape[field];
  return child === undefined ? "" : describeLeaf(unwrap(child).schema)[1];
}

function describeLeaf(schema: Schema): [OptionRow["kind"], string] {
  if (schema instanceof z.ZodEnum) return ["text", Object.values(schema.def.entries).join(" | ")];
  if (schema instanceof z.ZodLiteral) {
    const values = schema.def.values.map(String).join(" | ");
    return [schema.def.values.every((value) => typeof value === "boolean") ? "switch" : "text", values];
  }
  if (schema instanceof z.ZodUnion) {
    const parts = schema.def.options.map((option: Schema) => describeLeaf(unwrap(option).schema));
    return ["text", parts.map(([, takes]: [string, string]) => takes).join(" | ")];
  }
  if (schema instanceof z.ZodArray) {
    const [kind, takes] = describeLeaf(unwrap(schema.def.element).schema);
    return kind === "text" || kind === "number" ? ["list", `${takes}, …`] : ["structure", "list"];
  }
  if (schema instanceof z.ZodNumber || schema instanceof z.ZodNumberFormat) return ["number", "number"];
  if (schema instanceof z.ZodBoolean) return ["switch", "true | false"];
  if (schema instanceof z.ZodString) return ["text", "text"];
  return ["structure", "structure"];
}

/**
 * The form of a request, read from its JSON schema as the node offers it. Pure.
 *
 * 1. Every schema gets a form: what has no better one is JSON.
 * 2. What is left empty is not in the request, unless the schema says that it must be.
 * 3. Off is an answer: a switch that is off is sent so, and where an answer may be left out, that is a third choice.
 */
export type FieldKind =
  | { readonly kind: "text"; readonly long: boolean; readonly names: Names | undefined }
  | { readonly kind: "number"; readonly min: number | undefined; readonly max: number | undefined }
  | { readonly kind: "switch" }
  /** A switch that may be left alone. */
  | { readonly kind: "yes-or-no" }
  | { readonly kind: "choice"; readonly options: readonly string[] }
  | { readonly kind: "constant"; readonly value: unknown }
  | { readonly kind: "list"; readonly of: FieldKind }
  | { readonly kind: "group"; readonly fields: readonly Field[] }
  | { readonly kind: "variant"; readonly options: readonly Variant[] }
  | { readonly kind: "json" };

export interface Field {
  readonly name: string;
  readonly title: string;
  readonly help: string;
  readonly required: boolean;
  readonly preset: unknown;
  readonly type: FieldKind;
}

export interface Variant {
  /** What tells it from the others. */
  readonly title: string;
  readonly type: FieldKind;
}

/** What an argument names, by which it can be completed. */
export type Names =
  | "actor"
  | "task"
  | "proposal"
  | "mission"
  | "conversation"
  | "message"
  | "approval"
  | "token"
  | "page"
  | "article";

const namesOf: Readonly<Record<string, Names>> = {
  actor: "actor",
  to: "actor",
  assignee: "actor",
  node: "actor",
  whom: "actor",
  recipient: "actor",
  members: "actor",
  task: "task",
  needs: "task",
  proposal: "proposal",
  mission: "mission",
  conversation: "conversation",
  message: "message",
  causation: "message",
  approval: "approval",
  token: "token",
  replaces: "token",
  session: "page",
  article: "article",
};

/** Longer texts than this are written on several lines. */
const longText = 300;

interface Schema {
  readonly [key: string]: unknown;
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export function formOf(schema: unknown): readonly Field[] {
  const { type } = fieldOf("", schema, true);
  return type.kind === "group" ? type.fields : [];
}

function fieldOf(name: string, schema: unknown, required: boolean): Field {
  const it = isSchema(schema) ? schema : {};
  const help = typeof it["description"] === "string" ? it["description"] : "";
  const preset = it["default"];
  const type = typeOf(name, it);
  return {
    name,
    title: titleOf(name),
    help,
    required: required && preset === undefined,
    preset,
    type: type.kind === "switch" && !required && preset === undefined ? { kind: "yes-or-no" } : type,
  };
}

function typeOf(name: string, schema: Schema): FieldKind {
  if ("const" in schema) return { kind: "constant", value: schema["const"] };
  const options = asList(schema["enum"]).filter((it) => typeof it === "string");
  if (options.length > 0) return { kind: "choice", options };
  const union = [...asList(schema["anyOf"]), ...asList(schema["oneOf"])].filter(isSchema);
  if (union.length > 0) return unionOf(name, union);
  switch (schema["type"]) {
    case "string": {
      const max = typeof schema["maxLength"] === "number" ? schema["maxLength"] : longText + 1;
      const short = schema["format"] !== undefined || schema["pattern"] !== undefined;
      const names = namesOf[name];
      return { kind: "text", long: max > longText && !short && names === undefined, names };
    }
    case "integer":
    case "number":
      return { kind: "number", min: bound(schema["minimum"]), max: bound(schema["maximum"]) };
    case "boolean":
      return { kind: "switch" };
    case "array":
      return isSchema(schema["items"]) ? { kind: "list", of: typeOf(name, schema["items"]) } : { kind: "json" };
    case "object": {
      const properties = isSchema(schema["properties"]) ? schema["properties"] : {};
      const required = asList(schema["required"]);
      if (Object.keys(properties).length === 0 && schema["additionalProperties"] !== false) return { kind: "json" };
      const fields = Object.entries(properties).map(([key, of]) => fieldOf(key, of, required.includes(key)));
      return { kind: "group", fields };
    }
    default:
      return { kind: "json" };
  }
}

function unionOf(name: string, union: readonly Schema[]): FieldKind {
  // What may be null may be left out.
  const real = union.filter((it) => it["type"] !== "null");
  const [only] = real;
  if (real.length === 1 && only !== undefined) return typeOf(name, only);
  const kinds = real.map((it) => typeOf(name, it));
  if (kinds.every((it) => it.kind === "group"))
    return { kind: "variant", options: kinds.map((type, index) => ({ title: variantTitle(type, index), type })) };
  // A name or a fixed word: both are written as text.
  if (kinds.every((it) => it.kind === "text" || it.kind === "constant" || it.kind === "choice"))
    return { kind: "text", long: false, names: namesOf[name] };
  return { kind: "json" };
}

function variantTitle(type: FieldKind, index: number): string {
  const fields = type.kind === "group" ? type.fields : [];
  const constant = fields.find((it) => it.type.kind === "constant");
  return constant?.type.kind === "constant" ? titleOf(String(constant.type.value)) : `form ${index + 1}`;
}

function bound(value: unknown): number | undefined {
  return typeof value === "number" && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined;
}

/** `dueInMs` → `Due in (ms)`. */
export function titleOf(name: string): string {
  const unit = /(?<=[a-z])Ms$/.test(name) ? " (ms)" : "";
  const words = name
    .replace(/Ms$/, "")
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, " ")
    .replaceAll(/[_-]/g, " ")
    .toLowerCase();
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${unit}`;
}

/** What is in the form before anybody writes in it. */
export function presetOf(type: FieldKind, preset: unknown): unknown {
  if (preset !== undefined) return preset;
  switch (type.kind) {
    case "constant":
      return type.value;
    case "switch":
      return false;
    case "group":
      return Object.fromEntries(
        type.fields.map((it) => [it.name, presetOf(it.type, it.preset)]).filter(([, value]) => value !== undefined),
      );
    case "variant": {
      const [first] = type.options;
      return first === undefined ? undefined : presetOf(first.type, undefined);
    }
    default:
      return undefined;
  }
}

/** The value without what was left empty. */
export function withoutEmpty(value: unknown): unknown {
  if (typeof value === "string") return value.trim() === "" ? undefined : value;
  if (Array.isArray(value)) return value.map(withoutEmpty).filter((it) => it !== undefined);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .map(([key, it]) => [key, withoutEmpty(it)] as const)
    .filter(([, it]) => it !== undefined);
  return Object.fromEntries(entries);
}

/** The fields of a request, drawn from its form. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Icon } from "../ui/icon.tsx";
import { EntityInput, type InputProps } from "./entity-input.tsx";
import { type Field, type FieldKind, presetOf, titleOf } from "./form-model.ts";
import { JsonInput, SelectInput } from "./simple-inputs.tsx";

type Values = Readonly<Record<string, unknown>>;

export function Fields({
  of,
  values,
  onChange,
  fixed = [],
}: {
  readonly of: readonly Field[];
  readonly values: Values;
  readonly onChange: (values: Values) => void;
  /** Fields that are given, and not to be changed. */
  readonly fixed?: readonly string[];
}) {
  const shown = of.filter((it) => it.type.kind !== "constant");
  return (
    <>
      {shown.map((field) => (
        <FieldRow
          key={field.name}
          field={field}
          value={values[field.name]}
          fixed={fixed.includes(field.name)}
          onChange={(value) => onChange({ ...values, [field.name]: value })}
        />
      ))}
    </>
  );
}

function FieldRow({
  field,
  value,
  fixed,
  onChange,
}: {
  readonly field: Field;
  readonly value: unknown;
  readonly fixed: boolean;
  readonly onChange: (value: unknown) => void;
}) {
  const id = useId();
  const help = `${id}-help`;
  const describedBy = field.help === "" ? undefined : help;
  const compound = ["list", "group", "variant"].includes(field.type.kind);
  const label: ComponentChildren = (
    <>
      {field.title}
      {field.required ? null : <span class="faint"> optional</span>}
    </>
  );
  const input = fixed ? (
    <output id={id} class="mono fixed-value">
      {typeof value === "string" ? value : JSON.stringify(value)}
    </output>
  ) : (
    <Input
      id={id}
      type={field.type}
      value={value}
      required={field.required}
      describedBy={describedBy}
      onChange={onChange}
    />
  );
  if (field.type.kind === "switch" && !fixed)
    return (
      <div class="field field-switch">
        {input}
        <label htmlFor={id}>{field.title}</label>
        <Help id={help} text={field.help} />
      </div>
    );
  if (compound && !fixed)
    return (
      <fieldset class="field" aria-describedby={describedBy}>
        <legend>{label}</legend>
        <Help id={help} text={field.help} />
        {input}
      </fieldset>
    );
  return (
    <div class="field">
      <label htmlFor={id}>{label}</label>
      {input}
      <Help id={help} text={field.help} />
    </div>
  );
}

function Help({ id, text }: { readonly id: string; readonly text: string }) {
  return text === "" ? null : (
    <p id={id} class="faint">
      {text}
    </p>
  );
}

const yesOrNo = [
  { value: true, title: "Yes" },
  { value: false, title: "No" },
];

function Input({ type, ...props }: InputProps & { readonly type: FieldKind }) {
  const { id, value, required, describedBy, label, onChange } = props;
  switch (type.kind) {
    case "text": {
      if (type.names !== undefined) return <EntityInput names={type.names} {...props} />;
      const shared = {
        id,
        value: typeof value === "string" ? value : "",
        required,
        "aria-describedby": describedBy,
        "aria-label": label,
        onInput: (event: { readonly currentTarget: { readonly value: string } }) => onChange(event.currentTarget.value),
      };
      return type.long ? (
        <textarea rows={4} dir="auto" {...shared} />
      ) : (
        <input type="text" autocomplete="off" dir="auto" {...shared} />
      );
    }
    case "number":
      return (
        <input
          id={id}
          type="number"
          inputMode="numeric"
          value={typeof value === "number" ? value : ""}
          min={type.min}
          max={type.max}
          required={required}
          aria-describedby={describedBy}
          aria-label={label}
          onInput={({ currentTarget }) =>
            onChange(currentTarget.value === "" ? undefined : currentTarget.valueAsNumber)
          }
        />
      );
    case "switch":
      return (
        <input
          id={id}
          type="checkbox"
          checked={value === true}
          aria-describedby={describedBy}
          aria-label={label}
          onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        />
      );
    case "yes-or-no":
      return <SelectInput {...props} empty="not given" options={yesOrNo} />;
    case "choice":
      return (
        <SelectInput
          {...props}
          empty={required ? "choose" : "none"}
          options={type.options.map((it) => ({ value: it, title: titleOf(it) }))}
        />
      );
    case "list":
      return <ListInput of={type.of} {...props} />;
    case "group":
      return (
        <div class="nested">
          <Fields of={type.fields} values={asValues(value)} onChange={onChange} />
        </div>
      );
    case "variant":
      return <VariantInput type={type} {...props} />;
    case "json":
      return <JsonInput {...props} />;
    case "constant":
      return null;
  }
}

function ListInput({ of, ...props }: InputProps & { readonly of: FieldKind }) {
  const items: readonly unknown[] = Array.isArray(props.value) ? props.value : [];
  const change = (next: readonly unknown[]): void => props.onChange(next);
  return (
    <div class="nested">
      {items.map((item, index) => (
        <div key={index} class="list-item">
          <div class="grow">
            <Input
              id={`${props.id}-${index}`}
              type={of}
              value={item}
              required={false}
              describedBy={undefined}
              label={`Item ${index + 1}`}
              onChange={(value) => change(items.map((it, at) => (at === index ? value : it)))}
            />
          </div>
          <button
            type="button"
            class="button quiet"
            aria-label={`Remove item ${index + 1}`}
            onClick={() => change(items.filter((_, at) => at !== index))}
          >
            <Icon name="close" size={14} />
          </button>
        </div>
      ))}
      <button type="button" class="button quiet" onClick={() => change([...items, presetOf(of, undefined) ?? ""])}>
        <Icon name="plus" size={14} /> Add
      </button>
    </div>
  );
}

function VariantInput({ type, ...props }: InputProps & { readonly type: Extract<FieldKind, { kind: "variant" }> }) {
  const values = asValues(props.value);
  const now = Math.max(
    0,
    type.options.findIndex((option) => fitsVariant(option.type, values)),
  );
  const chosen = type.options[now];
  return (
    <div class="nested">
      <select
        id={props.id}
        aria-label="Form"
        value={String(now)}
        onChange={({ currentTarget }) => {
          const next = type.options[Number(currentTarget.value)];
          if (next !== undefined) props.onChange(presetOf(next.type, undefined));
        }}
      >
        {type.options.map((option, index) => (
          <option key={option.title} value={String(index)}>
            {option.title}
          </option>
        ))}
      </select>
      {chosen?.type.kind === "group" ? (
        <Fields
          of={chosen.type.fields}
          values={values}
          onChange={(next) => props.onChange({ ...constantsOf(chosen.type), ...next })}
        />
      ) : null}
    </div>
  );
}

function constantsOf(type: FieldKind): Values {
  const fields = type.kind === "group" ? type.fields : [];
  return Object.fromEntries(fields.flatMap(({ name, type: of }) => (of.kind === "constant" ? [[name, of.value]] : [])));
}

function fitsVariant(type: FieldKind, values: Values): boolean {
  return Object.entries(constantsOf(type)).every(([name, value]) => values[name] === value);
}

function asValues(value: unknown): Values {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

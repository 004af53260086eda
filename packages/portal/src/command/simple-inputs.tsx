import type { InputProps } from "./entity-input.tsx";

/** One of a few values, or none of them. */
export function SelectInput({
  empty,
  options,
  ...props
}: InputProps & {
  readonly empty: string;
  readonly options: readonly { readonly value: string | boolean; readonly title: string }[];
}) {
  const chosen = options.find((it) => it.value === props.value);
  return (
    <select
      id={props.id}
      value={String(chosen?.value ?? "")}
      required={props.required}
      aria-describedby={props.describedBy}
      aria-label={props.label}
      onChange={({ currentTarget }) =>
        props.onChange(options.find((it) => String(it.value) === currentTarget.value)?.value)
      }
    >
      <option value="">{empty}</option>
      {options.map((it) => (
        <option key={String(it.value)} value={String(it.value)}>
          {it.title}
        </option>
      ))}
    </select>
  );
}

/** JSON, or words, which then are a text. */
export function JsonInput({ id, value, required, describedBy, label, onChange }: InputProps) {
  const text = value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
  return (
    <input
      id={id}
      type="text"
      class="mono"
      value={text}
      required={required}
      aria-describedby={describedBy}
      aria-label={label}
      placeholder="a number, true, a text, or JSON"
      onChange={({ currentTarget }) => onChange(readJson(currentTarget.value))}
    />
  );
}

function readJson(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** One command as a form, over the page. */
import { type ControlName, control } from "@federation/core";
import { useEffect, useMemo, useState } from "preact/hooks";
import { useApp } from "../app/app.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { Loading } from "../ui/query-view.tsx";
import { CommandEndNote } from "./command-end.tsx";
import { type Field, formOf, presetOf, withoutEmpty } from "./form-model.ts";
import { needsSecret } from "./give-command.ts";
import { Fields } from "./request-form.tsx";
import { useCommand } from "./use-command.ts";
import { useToolSchema } from "./use-tools.ts";
import { whereItLed } from "./where-it-led.ts";

export function CommandDialog() {
  const { dialogs } = useApp();
  const open = dialogs.command.value;
  if (open === undefined) return null;
  return <OneCommand key={`${open.name} ${JSON.stringify(open.given)}`} name={open.name} given={open.given} />;
}

/** Made by the page itself where it needs them: ids so that a retry is the same thing, hashes of secrets. */
const hidden = new Set(["sha256"]);

function OneCommand({
  name,
  given,
}: {
  readonly name: ControlName;
  readonly given: Readonly<Record<string, unknown>>;
}) {
  const { dialogs } = useApp();
  const entry = control[name];
  const { schema, refused } = useToolSchema(name);
  const fields = useMemo(() => (schema === undefined ? undefined : visible(formOf(schema), name)), [schema, name]);
  const [values, setValues] = useState<Readonly<Record<string, unknown>> | undefined>(undefined);
  const { busy, end, give } = useCommand(name);
  const [secret, setSecret] = useState<string | undefined>(undefined);
  useEffect(() => {
    if (fields !== undefined) setValues((before) => before ?? { ...presets(fields), ...given });
  }, [fields, given]);

  async function submit(): Promise<void> {
    const request = withoutEmpty(values ?? {});
    const ended = await give(typeof request === "object" && request !== null ? { ...request } : {});
    if (ended.end !== "done") return;
    if (ended.secret !== undefined) {
      setSecret(ended.secret);
      return;
    }
    dialogs.closeCommand();
    dialogs.notify({ tone: "good", text: `${entry.title}: done.`, href: whereItLed(name, ended.answer, values ?? {}) });
  }

  return (
    <Dialog title={entry.title} onClose={dialogs.closeCommand}>
      <p class="soft">{entry.doc}</p>
      {refused !== undefined ? (
        <p class="refusal failed" role="alert">
          <Icon name="warn" /> {refused}
        </p>
      ) : secret !== undefined ? (
        <SecretShown name={name} secret={secret} onDone={dialogs.closeCommand} />
      ) : fields === undefined || values === undefined ? (
        <Loading />
      ) : (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <Fields
            of={fields}
            values={values}
            fixed={Object.keys(given).filter((it) => idLike(given[it]))}
            onChange={setValues}
          />
          <CommandEndNote end={end} />
          <div class="dialog-actions">
            <button type="button" class="button" onClick={dialogs.closeCommand}>
              Cancel
            </button>
            <button type="submit" class="button primary" disabled={busy} data-testid="submit-command">
              {busy ? "Under way…" : entry.title}
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

/** An id that a button gave names what the button stands beside: it is shown, and not edited. */
function idLike(value: unknown): boolean {
  return typeof value === "string" && /^[0-9a-f]{8}-[0-9a-f]{4}-/.test(value);
}

function visible(fields: readonly Field[], name: ControlName): readonly Field[] {
  return fields.filter((it) => !(hidden.has(it.name) && needsSecret(name)) && it.name !== "id");
}

function presets(fields: readonly Field[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    fields.map((it) => [it.name, presetOf(it.type, it.preset)]).filter(([, value]) => value !== undefined),
  );
}

function SecretShown({
  name,
  secret,
  onDone,
}: {
  readonly name: ControlName;
  readonly secret: string;
  readonly onDone: () => void;
}) {
  const { home } = useApp();
  const [copied, setCopied] = useState(false);
  const text = name === "IssueTicket" ? `${home.pageUrl() ?? ""}#ticket=${secret}` : secret;
  return (
    <div class="stack">
      <p>
        {name === "IssueTicket"
          ? "This link opens the portal once. Who has it is let in as you."
          : "This token is shown once, and only here: the node knows its hash alone."}
      </p>
      <output class="secret mono">{text}</output>
      <div class="dialog-actions">
        <button
          type="button"
          class="button"
          onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
        >
          <Icon name="copy" size={14} /> {copied ? "Copied" : "Copy"}
        </button>
        <button type="button" class="button primary" onClick={onDone}>
          I have kept it
        </button>
      </div>
    </div>
  );
}

/** Each command that is open as a form, over the page and over those before it. */
import { type ControlName, control, uuidSchema } from "@federation/core";
import { useEffect, useMemo, useState } from "preact/hooks";
import { useApp } from "../app/app.ts";
import type { OpenCommand } from "../app/dialogs.ts";
import { plainly } from "../text/plain.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { Failed, Loading } from "../ui/query-view.tsx";
import { CommandEndNote, endInWords } from "./command-end.tsx";
import { type Field, formOf, presetOf, withoutEmpty } from "./form-model.ts";
import { needsSecret } from "./give-command.ts";
import { Fields } from "./request-form.tsx";
import { SecretShown } from "./secret-shown.tsx";
import { useCommand } from "./use-command.ts";
import { useOffer } from "./use-tools.ts";
import { endWord, whereItLed } from "./where-it-led.ts";

export function CommandDialogs() {
  const { dialogs } = useApp();
  return (
    <>
      {dialogs.commands.value.map((it) => (
        <OneCommand key={it.id} of={it} />
      ))}
    </>
  );
}

/** Made by the page itself where it needs them: ids so that a retry is the same thing, hashes of secrets. */
const hidden = new Set(["sha256"]);

function OneCommand({ of: { id, name, given } }: { readonly of: OpenCommand }) {
  const { dialogs } = useApp();
  const entry = control[name];
  const offer = useOffer(name);
  const schema = offer.state === "offered" ? offer.schema : undefined;
  const fields = useMemo(() => (schema === undefined ? undefined : visible(formOf(schema), name)), [schema, name]);
  const [values, setValues] = useState<Readonly<Record<string, unknown>> | undefined>(undefined);
  const { busy, end, give } = useCommand(name);
  const [secret, setSecret] = useState<string | undefined>(undefined);
  useEffect(() => {
    if (fields !== undefined) setValues((before) => before ?? { ...presets(fields), ...given });
  }, [fields, given]);
  const close = (): void => dialogs.closeCommand(id);
  // Closed by a stray key it would take with it a secret that nobody can show again, and that opens a door from then on.
  const held = secret !== undefined || (busy && needsSecret(name));

  async function submit(): Promise<void> {
    const request = withoutEmpty(values ?? {});
    const ended = await give(typeof request === "object" && request !== null ? { ...request } : {});
    if (ended.end !== "done") {
      // In the form it is said there, and what was typed stays.
      if (!dialogs.commands.peek().some((it) => it.id === id))
        dialogs.notify({ tone: "bad", text: `${entry.title}: ${plainly(endInWords(ended))}` });
      return;
    }
    if (ended.secret !== undefined) {
      setSecret(asShown(name, ended.secret, values ?? {}));
      return;
    }
    close();
    const href = whereItLed(name, ended.answer, values ?? {});
    dialogs.notify({ tone: "good", text: `${entry.title}: ${endWord(name)}.`, href });
  }

  return (
    <Dialog title={entry.title} onClose={close} held={held}>
      <p class="soft">{entry.doc}</p>
      {secret !== undefined ? (
        <SecretShown name={name} secret={secret} onDone={close} />
      ) : offer.state === "forbidden" ? (
        <p class="refusal failed" role="alert">
          <Icon name="warn" /> Your role or your token does not allow this command.
        </p>
      ) : offer.state === "failed" ? (
        <Failed error={offer.error} onRetry={offer.again} />
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
            <button type="button" class="button" disabled={held} onClick={close}>
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

/** A ticket lets in a page of the origin that it was issued for, which need not be this one's. */
function asShown(name: ControlName, secret: string, { origin }: Readonly<Record<string, unknown>>): string {
  return name === "IssueTicket" ? `${new URL("/portal/", String(origin)).href}#ticket=${secret}` : secret;
}

/** An id that a button gave names what the button stands beside: it is shown, and not edited. */
function idLike(value: unknown): boolean {
  return uuidSchema.safeParse(value).success;
}

function visible(fields: readonly Field[], name: ControlName): readonly Field[] {
  return fields.filter((it) => !(hidden.has(it.name) && needsSecret(name)) && it.name !== "id");
}

function presets(fields: readonly Field[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    fields.map((it) => [it.name, presetOf(it.type, it.preset)]).filter(([, value]) => value !== undefined),
  );
}

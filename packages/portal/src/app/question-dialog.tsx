/** A question that the node puts to the person at this page, as it would in any other host: a form of a few fields. */
import { useMemo, useState } from "preact/hooks";
import { formOf, presetOf, withoutEmpty } from "../command/form-model.ts";
import { Fields } from "../command/request-form.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Words } from "../ui/words.tsx";
import { useApp } from "./app.ts";
import type { AskedQuestion } from "./dialogs.ts";

export function QuestionDialog() {
  const { dialogs } = useApp();
  const [question] = dialogs.questions.value;
  return question === undefined ? null : <OneQuestion key={question.id} question={question} />;
}

function OneQuestion({ question }: { readonly question: AskedQuestion }) {
  const fields = useMemo(() => formOf(question.schema), [question.schema]);
  const [values, setValues] = useState<Readonly<Record<string, unknown>>>(() =>
    Object.fromEntries(fields.map((it) => [it.name, presetOf(it.type, it.preset)])),
  );
  return (
    <Dialog title="You are asked" onClose={() => question.answer({ action: "cancel" })}>
      <Words of={question.message} />
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          question.answer({ action: "accept", content: contentOf(withoutEmpty(values)) });
        }}
      >
        <Fields of={fields} values={values} onChange={setValues} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={() => question.answer({ action: "cancel" })}>
            Later
          </button>
          <button type="button" class="button danger" onClick={() => question.answer({ action: "decline" })}>
            No
          </button>
          <button type="submit" class="button primary">
            Yes
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** The protocol knows primitive fields only. */
function contentOf(values: unknown): Record<string, string | number | boolean | string[]> {
  if (typeof values !== "object" || values === null) return {};
  const entries = Object.entries(values).filter((it): it is [string, string | number | boolean] =>
    ["string", "number", "boolean"].includes(typeof it[1]),
  );
  return Object.fromEntries(entries);
}

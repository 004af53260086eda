/** What came of a command, said so that one knows what to do next. */
import { errorCodes } from "@federation/core";
import { Icon } from "../ui/icon.tsx";
import { Markdown } from "../ui/markdown.tsx";
import { QueryView } from "../ui/query-view.tsx";
import { Revealed } from "../ui/words.tsx";
import type { CommandEnd } from "./give-command.ts";

export function CommandEndNote({ end }: { readonly end: CommandEnd | undefined }) {
  if (end === undefined || end.end === "done") return null;
  if (end.end === "refused")
    return (
      <div class="refusal" role="alert">
        <Icon name="charter" />
        <div class="stack-tight">
          <Article id={end.article} />
          <p>
            <Revealed text={end.reason} />
          </p>
          {end.lawful === "" ? null : (
            <p class="soft">
              Lawful now: <Revealed text={end.lawful} />
            </p>
          )}
        </div>
      </div>
    );
  const { code, message } = end.error;
  return (
    <div class="refusal failed" role="alert">
      <Icon name="warn" />
      <div class="stack-tight">
        <p>
          <Revealed text={message} />
        </p>
        {code === "invalid_input" ? null : <p class="soft">{errorCodes[code]}</p>}
      </div>
    </div>
  );
}

/** Read where one stands: a link would lead away from what is written in the form, and behind it. */
function Article({ id }: { readonly id: string }) {
  return (
    <details data-article={id}>
      <summary>
        <strong>
          Refused by the article <span class="mono">{id}</span>
        </strong>
      </summary>
      <QueryView name="ShowCharter" request={{}}>
        {({ articles }) => {
          const article = articles.find((it) => it.id === id);
          return article === undefined ? (
            <p class="soft">The charter in force has no article of that name.</p>
          ) : (
            <div class="stack-tight">
              <p>
                <strong>{article.title}</strong>
              </p>
              <Markdown of={article.text} />
            </div>
          );
        }}
      </QueryView>
    </details>
  );
}

/** The same in a line, for who has closed the form. */
export function endInWords(end: Exclude<CommandEnd, { readonly end: "done" }>): string {
  return end.end === "refused" ? `refused by the article ${end.article}: ${end.reason}` : end.error.message;
}

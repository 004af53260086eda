/** What came of a command, said so that one knows what to do next. */
import { errorCodes } from "@federation/core";
import { hrefOf } from "../routing/route.ts";
import { Icon } from "../ui/icon.tsx";
import { Revealed } from "../ui/words.tsx";
import type { CommandEnd } from "./give-command.ts";

export function CommandEndNote({ end }: { readonly end: CommandEnd | undefined }) {
  if (end === undefined || end.end === "done") return null;
  if (end.end === "refused")
    return (
      <div class="refusal" role="alert">
        <Icon name="charter" />
        <div class="stack-tight">
          <p>
            <strong>
              Refused by the article <a href={hrefOf("charter", end.article)}>{end.article}</a>
            </strong>
          </p>
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

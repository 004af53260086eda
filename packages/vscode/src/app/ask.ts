/** How a person is asked for a few words, and told what came of a command they gave. */
import { hrefOf } from "@federation/portal/route";
import * as vscode from "vscode";
import { type CommandEnd, endText } from "../inbox/give-command.ts";
import { oneLine } from "../text/one-line.ts";
import { tell } from "./tell.ts";

const maxAsked = 300;

/** Undefined: they closed it. */
export async function askWords(options: {
  readonly title: string;
  readonly prompt: string;
  readonly needed: boolean;
  readonly value?: string;
  readonly secret?: boolean;
  readonly problem?: (text: string) => string | undefined;
}): Promise<string | undefined> {
  const { title, prompt, needed, value = "", secret = false, problem } = options;
  const given = await vscode.window.showInputBox({
    title: oneLine(title, maxAsked),
    prompt: oneLine(prompt, maxAsked),
    value,
    password: secret,
    ignoreFocusOut: true,
    validateInput: (text) => {
      if (text.trim() === "") return needed ? "A few words are needed." : undefined;
      return problem?.(text.trim());
    },
  });
  return given?.trim();
}

export interface Choice<T> {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  readonly value: T;
}

/** Undefined: they closed it. */
export async function choose<T>(
  title: string,
  choices: readonly Choice<T>[],
  placeHolder?: string,
): Promise<T | undefined> {
  const picked = await vscode.window.showQuickPick([...choices], {
    title,
    matchOnDescription: true,
    matchOnDetail: true,
    ...(placeHolder === undefined ? {} : { placeHolder }),
  });
  return picked?.value;
}

const readArticle = "Read the Article";

/** Says why a command did not come about, and leads to the article that refused it. */
export async function tellEnd(end: CommandEnd, openRoute: (route: string) => void): Promise<void> {
  if (end.end === "done") return;
  if (end.end === "failed") {
    void tell.error(endText(end));
    return;
  }
  const chosen = await tell.warning(endText(end), readArticle);
  if (chosen === readArticle) openRoute(hrefOf("charter", end.article));
}

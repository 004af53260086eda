/** A result of a task, handed in from the editor: a few words, what it rests on, and the file that is open. */
import * as vscode from "vscode";
import { askWords } from "../app/ask.ts";
import type { Given } from "../inbox/answers.ts";
import { evidenceChoices, fileChoice } from "../inbox/evidence.ts";
import type { Session } from "../session/session.ts";

const latest = 20;

/** Undefined: the person thought better of it. @throws MeshError of the node. */
export async function submitTask(session: Session, task: string): Promise<Given | undefined> {
  const { task: now } = await session.call("ShowTask", { task });
  const summary = await askWords({
    title: `Submit: ${now.title}`,
    prompt: "The result, in your words. It is reviewed by somebody else.",
    needed: true,
  });
  if (summary === undefined) return undefined;
  const [{ proposals }, { messages }] = await Promise.all([
    session.call("ListProposals", { mission: now.conversation }),
    session.call("ListConversation", { conversation: now.conversation, beforeSeq: 2 ** 31 - 1, limit: latest }),
  ]);
  const open = openFile();
  const choices = [
    ...(open === undefined ? [] : [fileChoice(open)]),
    ...evidenceChoices({ proposal: now.proposal, proposals, messages }),
  ];
  const picked = await vscode.window.showQuickPick(
    choices.map((it) => ({ ...it })),
    {
      title: `Submit: ${now.title}`,
      placeHolder: "What does it rest on? The charter asks for evidence.",
      canPickMany: true,
      ignoreFocusOut: true,
      matchOnDetail: true,
    },
  );
  if (picked === undefined) return undefined;
  return {
    name: "SubmitTask",
    request: {
      task,
      fence: now.fence,
      summary,
      evidence: picked.map((it) => it.evidence),
      files: picked.flatMap((it) => (it.file === undefined ? [] : [it.file])),
    },
  };
}

/** The file a person is looking at, if it is one of the workspace. */
function openFile(): { readonly path: string; readonly content: string } | undefined {
  const document = vscode.window.activeTextEditor?.document;
  if (document === undefined || document.uri.scheme !== "file") return undefined;
  if (vscode.workspace.getWorkspaceFolder(document.uri) === undefined) return undefined;
  return { path: vscode.workspace.asRelativePath(document.uri, false), content: document.getText() };
}

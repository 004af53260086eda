/** Results and charter as documents of the editor: read-only text, asked of the node when they are opened, and again when they change. */
import { MeshError } from "@federation/core";
import { touches } from "@federation/portal/touches";
import * as vscode from "vscode";
import type { Session } from "../session/session.ts";
import { charterText } from "./charter-text.ts";
import { type DocumentName, documentName, documentPath, documentScheme } from "./document-uri.ts";
import { reportText } from "./report-text.ts";

/**
 * As text, and not as a preview: what models wrote is read here, and a preview would load the pictures it names.
 * @throws MeshError of the node.
 */
export async function openDocument(name: DocumentName, title: string): Promise<void> {
  const uri = vscode.Uri.from({ scheme: documentScheme, path: documentPath(name, title) });
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document, { preview: false });
}

/** What a document holds now. */
export async function documentText(session: Session | undefined, uri: vscode.Uri): Promise<string> {
  const name = documentName(uri.path);
  if (name === undefined) return "There is no such document.\n";
  if (session === undefined)
    return "This editor is connected to no node. Run “Federation: Connect”, and open this again.\n";
  try {
    await session.ready;
    if (name.kind === "report") return reportText(await session.call("ReportMission", { mission: name.id }));
    const version = Number(name.id);
    return charterText(await session.call("ShowCharter", Number.isInteger(version) ? { version } : {}));
  } catch (thrown) {
    return `${MeshError.from(thrown).message}\n`;
  }
}

/** Tells which open documents an event may have changed. */
export function touchedDocuments(event: Parameters<typeof touches>[0]): readonly vscode.Uri[] {
  const touched = touches(event);
  return vscode.workspace.textDocuments
    .map((it) => it.uri)
    .filter((uri) => {
      const name = uri.scheme === documentScheme ? documentName(uri.path) : undefined;
      return name?.kind === "report" && touched("ReportMission", { mission: name.id });
    });
}

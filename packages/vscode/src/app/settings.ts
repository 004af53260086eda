/** Where a node may be, as the editor says now. */
import * as vscode from "vscode";
import type { Places } from "../finding/find-ways.ts";

/** `url` and `joinFolder` are of the machine's scope: no workspace can set them. */
export function places(): Places {
  const settings = vscode.workspace.getConfiguration("federation");
  return {
    folders: (vscode.workspace.workspaceFolders ?? [])
      .filter((it) => it.uri.scheme === "file")
      .map((it) => it.uri.fsPath),
    trusted: vscode.workspace.isTrusted,
    url: settings.get("url", "").trim(),
    joinFolder: settings.get("joinFolder", "").trim(),
  };
}

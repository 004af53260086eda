/**
 * What a person is told in a notice.
 *
 * The editor makes a link of `[label](command:…)` in every notice, and runs it: so each text goes through `oneLine`, and
 * no other place shows a message.
 */
import * as vscode from "vscode";
import { oneLine } from "../text/one-line.ts";

const max = 1_000;

export const tell = {
  info: (text: string, ...buttons: readonly string[]) =>
    vscode.window.showInformationMessage(oneLine(text, max), ...buttons),
  warning: (text: string, ...buttons: readonly string[]) =>
    vscode.window.showWarningMessage(oneLine(text, max), ...buttons),
  error: (text: string, ...buttons: readonly string[]) =>
    vscode.window.showErrorMessage(oneLine(text, max), ...buttons),
  /** Nothing goes on until it is answered. */
  modal: (text: string, detail: string, ...buttons: readonly string[]) =>
    vscode.window.showWarningMessage(oneLine(text, max), { modal: true, detail: oneLine(detail, max) }, ...buttons),
};

export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));

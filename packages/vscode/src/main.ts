/**
 * The extension's entry: registers what the editor must find, and loads the rest when it is first needed.
 *
 * 1. It is started with each window, because whether a connection was kept is known to nobody else. In a window without
 *    one it asks that question, and does nothing more: no socket, no timer, nothing of the mesh is loaded.
 * 2. What was started ends with `deactivate`.
 */
import * as vscode from "vscode";
import type { App } from "./app/app.ts";
import { keptAddressesKey, keptAssistantKey, keptWayKey } from "./app/kept.ts";
import { commandNames, viewNames } from "./commands/names.ts";
import { assistantProvider, observerPanel } from "./contributed.ts";
import { documentScheme } from "./documents/document-uri.ts";
import { createTree } from "./views/tree.ts";

let loaded: Promise<App> | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const trees = viewNames.map((name) => createTree(name, context.subscriptions));
  const assistantChanged = new vscode.EventEmitter<void>();
  const documentsChanged = new vscode.EventEmitter<vscode.Uri>();
  const app = (): Promise<App> => {
    loaded ??= import("./app/app.ts").then(({ createApp }) =>
      createApp({ context, trees, assistantChanged, documentsChanged }),
    );
    return loaded;
  };
  context.subscriptions.push(
    assistantChanged,
    documentsChanged,
    ...commandNames.map((name) =>
      vscode.commands.registerCommand(`federation.${name}`, async (...given: unknown[]) =>
        (await app()).give(name, given),
      ),
    ),
    vscode.workspace.registerTextDocumentContentProvider(documentScheme, {
      onDidChange: documentsChanged.event,
      provideTextDocumentContent: async (uri) => (await app()).document(uri),
    }),
    vscode.window.registerWebviewPanelSerializer(observerPanel, {
      deserializeWebviewPanel: async (panel) => (await app()).restore(panel),
    }),
  );
  // Not every editor that is built from VS Code has a registry of MCP servers.
  if (typeof vscode.lm?.registerMcpServerDefinitionProvider === "function")
    context.subscriptions.push(
      vscode.lm.registerMcpServerDefinitionProvider(assistantProvider, {
        onDidChangeMcpServerDefinitions: assistantChanged.event,
        // Asked in each window as it starts: one without an assistant loads nothing for it.
        provideMcpServerDefinitions: async () =>
          context.workspaceState.get(keptAssistantKey) === undefined ? [] : (await app()).assistantServers(),
        resolveMcpServerDefinition: async (server) => (await app()).resolveAssistant(server),
      }),
    );
  const keepsTokens = context.globalState.get<readonly string[]>(keptAddressesKey, []).length > 0;
  void vscode.commands.executeCommand("setContext", "federation.keepsToken", keepsTokens);
  void vscode.commands.executeCommand(
    "setContext",
    "federation.kept",
    context.workspaceState.get(keptWayKey) !== undefined,
  );
  const again = vscode.workspace.getConfiguration("federation").get("connectAgain", true);
  if (again && context.workspaceState.get(keptWayKey) !== undefined) void app().then((it) => it.comeBack());
}

export async function deactivate(): Promise<void> {
  await (await loaded)?.close();
  loaded = undefined;
}

/**
 * The Observer as a panel of the editor: one in a window, showing the portal's page.
 *
 * 1. A page that is hidden is thrown away, and its sockets with it; where it was is kept, and it is told to go there when
 *    it is drawn again.
 * 2. Another session is another page: nothing of the one before is left in it.
 */
import { readFile } from "node:fs/promises";
import { MeshError } from "@federation/core";
import type { EditorMessage, PageMessage } from "@federation/portal/messages";
import * as vscode from "vscode";
import { observerPanel } from "../contributed.ts";
import type { Session, SessionLog } from "../session/session.ts";
import { createBridge } from "./bridge.ts";
import { pageHtml } from "./page.ts";

export interface ObserverOptions {
  readonly extensionUri: vscode.Uri;
  readonly session: () => Session | undefined;
  readonly route: { get(): string | undefined; keep(hash: string): void };
  readonly openDocument: (kind: "report" | "charter", id: string) => void;
  readonly showCommit: (commit: string) => void;
  readonly log: SessionLog;
}

export interface Observer {
  /** Shows the panel, at a route when one is given. */
  open(route?: string): Promise<void>;
  /** Takes over a panel that the editor kept from the window before. */
  restore(panel: vscode.WebviewPanel): Promise<void>;
  /** Another session: the page is loaded anew. */
  renew(): void;
  close(): void;
}

const portalFolder = "portal";

export function createObserver(options: ObserverOptions): Observer {
  const { extensionUri, session, route, log } = options;
  const folder = vscode.Uri.joinPath(extensionUri, portalFolder);
  let shown: { readonly panel: vscode.WebviewPanel; readonly load: () => Promise<void> } | undefined;

  function attach(panel: vscode.WebviewPanel): () => Promise<void> {
    const { webview } = panel;
    let pages = 0;
    webview.options = { enableScripts: true, localResourceRoots: [folder] };
    panel.iconPath = {
      light: vscode.Uri.joinPath(extensionUri, "media", "observer-light.svg"),
      dark: vscode.Uri.joinPath(extensionUri, "media", "observer-dark.svg"),
    };
    const post = (message: EditorMessage): void => void webview.postMessage(message);
    const bridge = createBridge({
      open: async (signal) => {
        const current = session();
        if (current === undefined) throw new MeshError("unauthenticated", "This editor is connected to no node.");
        return await current.openSocket(signal);
      },
      post,
      onMessage: (message) => act(message, post),
    });
    const load = async (): Promise<void> => {
      bridge.hangUp();
      pages += 1;
      const index = await readFile(vscode.Uri.joinPath(folder, "index.html").fsPath, "utf8");
      webview.html = pageHtml({
        index,
        base: webview.asWebviewUri(folder).toString().replace(/\/$/, ""),
        source: webview.cspSource,
        mark: String(pages),
      });
    };
    const hearing = webview.onDidReceiveMessage((message: unknown) => bridge.hear(message));
    const looking = panel.onDidChangeViewState(() => {
      if (!panel.visible) bridge.hangUp();
    });
    panel.onDidDispose(() => {
      bridge.hangUp();
      hearing.dispose();
      looking.dispose();
      if (shown?.panel === panel) shown = undefined;
    });
    return load;
  }

  function act(
    message: Exclude<PageMessage, { readonly type: "dial" | "frame" | "hangUp" }>,
    post: (message: EditorMessage) => void,
  ): void {
    switch (message.type) {
      case "ready": {
        const hash = route.get();
        if (hash !== undefined) post({ type: "go", hash });
        return;
      }
      case "route":
        route.keep(message.hash);
        return;
      case "openLink":
        // The page has asked the person; anything but a page of the web is none of its business.
        if (/^https?:\/\//i.test(message.url)) void vscode.env.openExternal(vscode.Uri.parse(message.url, true));
        return;
      case "openDocument":
        options.openDocument(message.kind, message.id);
        return;
      case "showCommit":
        options.showCommit(message.commit);
        return;
    }
  }

  async function take(panel: vscode.WebviewPanel): Promise<void> {
    const load = attach(panel);
    shown = { panel, load };
    try {
      await load();
    } catch (error) {
      log.warn(`the page cannot be loaded: ${String(error)}`);
    }
  }

  return {
    async open(to) {
      if (to !== undefined) route.keep(to);
      if (shown !== undefined) {
        const wasVisible = shown.panel.visible;
        shown.panel.reveal();
        // A page that is drawn anew asks for its route itself.
        if (wasVisible && to !== undefined)
          void shown.panel.webview.postMessage({ type: "go", hash: to } satisfies EditorMessage);
        return;
      }
      await take(
        vscode.window.createWebviewPanel(observerPanel, "Federation", vscode.ViewColumn.Active, {
          enableFindWidget: true,
        }),
      );
    },
    async restore(panel) {
      shown?.panel.dispose();
      await take(panel);
    },
    renew: () => void shown?.load().catch((error: unknown) => log.warn(String(error))),
    close: () => shown?.panel.dispose(),
  };
}

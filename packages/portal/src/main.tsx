/** The page: finds out where it lives, and draws the app. */
import "./no-code-from-text.ts";
import { render } from "preact";
import { AppContext, createApp } from "./app/app.ts";
import { Shell } from "./app/shell.tsx";
import { applyTheme } from "./app/theme-switch.tsx";
import { createBrowserHome } from "./home/browser-home.ts";
import { createEditorHome, type EditorApi } from "./home/editor-home.ts";
import "./style/tokens.css";
import "./style/base.css";
import "./style/shell.css";
import "./style/parts.css";
import "./style/views.css";

declare global {
  interface Window {
    /** There in a webview of an editor; can be called once. */
    acquireVsCodeApi?: () => EditorApi;
  }
}

const editor = window.acquireVsCodeApi?.();
const home = editor === undefined ? createBrowserHome(window) : createEditorHome(window, editor);
document.documentElement.dataset["home"] = home.kind;
if (home.kind === "browser") applyTheme();
const app = createApp(home);
home.editor?.onGo(app.go);

const root = document.getElementById("app");
if (root !== null)
  render(
    <AppContext.Provider value={app}>
      <Shell />
    </AppContext.Provider>,
    root,
  );

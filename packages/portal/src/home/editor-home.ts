/** The page in an editor's webview: its frames pass through the extension, which has the token. */
import { isErrorCode, MeshError } from "@federation/core";
import { type Line, type PlainSocket, socketLine } from "@federation/mcp/client/web";
import type { Home } from "./home.ts";
import { type EditorMessage, editorMessageSchema, type PageMessage } from "./messages.ts";

/** What the editor gives a webview, once. */
export interface EditorApi {
  postMessage(message: PageMessage): void;
}

const openState = 1;
const closedState = 3;

export function createEditorHome(page: Window, api: EditorApi): Home {
  const hearers = new Set<(message: EditorMessage) => void>();
  let lines = 0;
  let origin: string | undefined;
  const goListeners = new Set<(hash: string) => void>();
  page.addEventListener("message", ({ data }) => {
    const parsed = editorMessageSchema.safeParse(data);
    if (!parsed.success) return;
    if (parsed.data.type === "go") for (const listener of goListeners) listener(parsed.data.hash);
    for (const hear of [...hearers]) hear(parsed.data);
  });
  // An editor takes every click on a link for itself, and follows none of those that lead within the page.
  page.document.addEventListener(
    "click",
    (event) => {
      const link = event.target instanceof Element ? event.target.closest("a[href^='#/']") : null;
      if (link === null || event.button !== 0) return;
      event.preventDefault();
      page.location.hash = link.getAttribute("href") ?? "";
    },
    { capture: true },
  );
  page.addEventListener("hashchange", () => api.postMessage({ type: "route", hash: page.location.hash }));

  return {
    kind: "editor",
    howToGetIn: "Run the command “Federation: Connect”.",
    dial: (signal) => dial(++lines, signal),
    async admitted() {
      // The extension opened the line with its token: there is no secret to renew.
    },
    pageUrl: () => (origin === undefined ? undefined : `${origin}/portal/`),
    openLink: (url) => api.postMessage({ type: "openLink", url }),
    editor: {
      openDocument: ({ kind, id }) => api.postMessage({ type: "openDocument", kind, id }),
      showCommit: (commit) => api.postMessage({ type: "showCommit", commit }),
      onGo(listener) {
        goListeners.add(listener);
        api.postMessage({ type: "ready" });
      },
    },
  };

  function dial(line: number, signal: AbortSignal): Promise<Line> {
    return new Promise((resolve, reject) => {
      const wire = pipe(line);
      const aborted = (): void => {
        wire.socket.close();
        reject(new MeshError("unavailable", "The connection was given up."));
      };
      signal.addEventListener("abort", aborted, { once: true });
      hearers.add(hear);
      api.postMessage({ type: "dial", line });

      function hear(message: EditorMessage): void {
        if (message.type === "go" || message.line !== line) return;
        if (message.type === "frame") wire.receive(message.text);
        else if (message.type === "opened") {
          signal.removeEventListener("abort", aborted);
          origin = message.origin;
          wire.opened();
          resolve(socketLine(wire.socket));
        } else {
          signal.removeEventListener("abort", aborted);
          hearers.delete(hear);
          if (message.type === "closed") wire.closed(message.code);
          else {
            const code = isErrorCode(message.code) ? message.code : "unavailable";
            reject(new MeshError(code, message.message));
          }
        }
      }
    });
  }

  /** The far end of a line, in the form of a socket. */
  function pipe(line: number) {
    const onMessage: ((event: { data: unknown }) => void)[] = [];
    const onClose: ((event: { code: number }) => void)[] = [];
    let readyState = 0;
    const socket: PlainSocket = {
      get readyState() {
        return readyState;
      },
      send: (text) => api.postMessage({ type: "frame", line, text }),
      close() {
        if (readyState !== closedState) api.postMessage({ type: "hangUp", line });
      },
      addEventListener(type: string, listener: (event: never) => void) {
        if (type === "message") onMessage.push(listener as (event: { data: unknown }) => void);
        if (type === "close") onClose.push(listener as (event: { code: number }) => void);
      },
    };
    return {
      socket,
      opened: () => {
        readyState = openState;
      },
      receive: (text: string) => {
        for (const hear of onMessage) hear({ data: text });
      },
      closed: (code: number) => {
        readyState = closedState;
        for (const hear of onClose) hear({ code });
      },
    };
  }
}

/** What the extension is once it is needed: the connection, what is shown of it, and what each command does. */
import * as vscode from "vscode";
import { createAnswering } from "../commands/answering.ts";
import { askingCommands } from "../commands/asking.ts";
import { createAssistant } from "../commands/assistant.ts";
import { connectingCommands } from "../commands/connecting.ts";
import type { CommandName } from "../commands/names.ts";
import { readingCommands } from "../commands/reading.ts";
import { showCommit } from "../commits/show-commit.ts";
import { documentText, touchedDocuments } from "../documents/documents.ts";
import { type AnswerName, answerNames } from "../inbox/answers.ts";
import { createObserver } from "../observer/panel.ts";
import { waitingRoute } from "../views/inbox-items.ts";
import type { Subject } from "../views/item.ts";
import type { Tree } from "../views/tree.ts";
import { type Connected, createConnection } from "./connection.ts";
import { keptRouteKey } from "./kept.ts";
import { startNotifier } from "./notifier.ts";
import { places } from "./settings.ts";
import { type Shown, setContext, showSession } from "./shown.ts";
import { subjectOf } from "./subject-of.ts";
import { errorText, tell } from "./tell.ts";

export interface App {
  give(name: CommandName, given: readonly unknown[]): Promise<void>;
  document(uri: vscode.Uri): Promise<string>;
  restore(panel: vscode.WebviewPanel): Promise<void>;
  assistantServers(): vscode.McpServerDefinition[];
  resolveAssistant(server: vscode.McpServerDefinition): Promise<vscode.McpServerDefinition>;
  /** Connects again to what was kept. */
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

export interface AppOptions {
  readonly context: vscode.ExtensionContext;
  readonly trees: readonly Tree[];
  readonly assistantChanged: vscode.EventEmitter<void>;
  readonly documentsChanged: vscode.EventEmitter<vscode.Uri>;
}

export function createApp({ context, trees, assistantChanged, documentsChanged }: AppOptions): App {
  const log = vscode.window.createOutputChannel("Federation", { log: true });
  context.subscriptions.push(log);
  let around: { readonly shown: Shown; readonly end: () => void } | undefined;

  const connection = createConnection({
    context,
    log,
    places,
    onChange(connected) {
      around?.end();
      around = connected === undefined ? undefined : surround(connected);
      // Also what is let in no more, or was not reached, is tried again in the next window until it is ended.
      setContext("kept", connected !== undefined || connection.kept() !== undefined);
      observer.renew();
    },
  });
  const openRoute = (route: string): void => void attempt("openObserver", () => observer.open(route));
  const observer = createObserver({
    extensionUri: context.extensionUri,
    session: () => connection.current()?.session,
    route: {
      get: () => context.workspaceState.get<string>(keptRouteKey),
      keep: (hash) => void context.workspaceState.update(keptRouteKey, hash),
    },
    openDocument: (kind, id) => void attempt("openDocument", () => reading.openDocument(kind, id)),
    showCommit: (commit) => void attempt("showChanges", () => showCommit(commit, connection.current()?.way)),
    log,
  });

  /** What belongs to one session, and ends with it. */
  function surround({ session }: Connected): { readonly shown: Shown; readonly end: () => void } {
    const shown = showSession(session, trees);
    const quiet = startNotifier({
      session,
      memento: context.workspaceState,
      answer: (item, name) =>
        void attempt(`${name}, from a notice`, () => answering.answerItem(item, name, { session, shown, openRoute })),
      open: (item) => openRoute(waitingRoute(item)),
      openInbox: () => void vscode.commands.executeCommand("federation.inbox.focus"),
    });
    const deaf = session.onEvent((event) => {
      for (const uri of touchedDocuments(event)) documentsChanged.fire(uri);
    });
    return {
      shown,
      end() {
        deaf();
        quiet();
        shown.close();
      },
    };
  }

  /** Does what a person asked for; what comes of it is told, also when it fails. */
  async function attempt(what: string, work: () => unknown): Promise<void> {
    try {
      await work();
    } catch (error) {
      log.warn(`${what}: ${errorText(error)}`);
      void tell.error(errorText(error));
    }
  }

  /** @throws when there is no session; menus offer such commands only when there is. */
  function at() {
    const current = connection.current();
    if (current === undefined || around === undefined)
      throw new Error("This editor is connected to no node. Run “Federation: Connect”.");
    return { session: current.session, shown: around.shown, openRoute };
  }

  const answering = createAnswering(at);
  const asking = askingCommands(at);
  const connecting = connectingCommands(connection);
  const reading = readingCommands(at);
  const assistant = createAssistant({
    context,
    at: connection.current,
    urlOf: connection.url,
    openRoute,
    changed: assistantChanged,
  });
  assistant.begin();

  const answers = Object.fromEntries(
    answerNames.map((name) => [name, (subject: Subject) => answering.answerSubject(subject, name)]),
  ) as Record<AnswerName, (subject: Subject) => Promise<void>>;
  const commands: Readonly<Record<CommandName, (subject: Subject, given: readonly unknown[]) => unknown>> = {
    ...connecting,
    ...answers,
    ...asking,
    answerWaiting: answering.answerWaiting,
    submitTask: answering.submit,
    openObserver: () => observer.open(),
    open: (_, [item]) => openItem(item),
    openCharter: () => reading.openDocument("charter", ""),
    openResult: reading.openResult,
    showChanges: (subject) => {
      const commit = subject.kind === "task" ? subject.task.submission?.commit : undefined;
      if (typeof commit === "string") return showCommit(commit, connection.current()?.way);
    },
    letAssistantJoin: assistant.letAssistantJoin,
    letAssistantLeave: assistant.letAssistantLeave,
    showLog: () => log.show(),
    getStarted: () =>
      vscode.commands.executeCommand(
        "workbench.action.openWalkthrough",
        `${context.extension.id}#federation.begin`,
        false,
      ),
  };

  async function openItem(item: unknown): Promise<void> {
    const route: unknown = typeof item === "object" && item !== null ? Reflect.get(item, "route") : undefined;
    if (typeof route === "string") await observer.open(route);
  }

  return {
    give: (name, given) => attempt(name, () => commands[name](subjectOf(given[0]), given)),
    document: (uri) => documentText(connection.current()?.session, uri),
    restore: (panel) => observer.restore(panel),
    assistantServers: assistant.servers,
    resolveAssistant: assistant.resolve,
    async comeBack() {
      const way = connection.kept();
      if (way !== undefined && connection.current() === undefined) await connection.begin(way, true);
    },
    async close() {
      observer.close();
      await connection.close();
    },
  };
}

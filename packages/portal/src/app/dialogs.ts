/**
 * What lies over the page: commands, a question of the node, and notices that go by themselves.
 *
 * 1. A command that is opened while another is lies over it: what was typed in the first, or the secret it shows, stays.
 * 2. What is closed or answered is named by its number, so that what ends late ends nothing else.
 */
import type { ControlName } from "@federation/core";
import type { AskPerson, PersonAnswer, PersonQuestion } from "@federation/mcp/client/web";
import { type ReadonlySignal, signal } from "@preact/signals";

export interface OpenCommand {
  readonly id: number;
  readonly name: ControlName;
  /** Fields that are filled in already. */
  readonly given: Readonly<Record<string, unknown>>;
}

export interface AskedQuestion extends PersonQuestion {
  readonly id: number;
  answer(answer: PersonAnswer): void;
}

export interface Notice {
  readonly id: number;
  readonly tone: "good" | "bad" | "plain";
  readonly text: string;
  /** Where to look at what came of it. */
  readonly href?: string | undefined;
}

export interface Dialogs {
  /** The last lies on top. */
  readonly commands: ReadonlySignal<readonly OpenCommand[]>;
  readonly palette: ReadonlySignal<boolean>;
  readonly questions: ReadonlySignal<readonly AskedQuestion[]>;
  readonly notices: ReadonlySignal<readonly Notice[]>;
  /** A link that leads out of the page, until the person has decided. */
  readonly link: ReadonlySignal<string | undefined>;
  openCommand(name: ControlName, given?: Readonly<Record<string, unknown>>): void;
  closeCommand(id: number): void;
  showPalette(shown: boolean): void;
  /** The question goes unanswered when nobody waits for it any more. */
  readonly askPerson: AskPerson;
  notify(notice: Omit<Notice, "id">): void;
  dismiss(id: number): void;
  askToOpen(url: string | undefined): void;
}

const noticeMs = 6_000;
const badNoticeMs = 20_000;

export function createDialogs(): Dialogs {
  const commands = signal<readonly OpenCommand[]>([]);
  const palette = signal(false);
  const questions = signal<readonly AskedQuestion[]>([]);
  const notices = signal<readonly Notice[]>([]);
  const link = signal<string | undefined>(undefined);
  let ids = 0;
  const dismiss = (id: number): void => {
    notices.value = notices.peek().filter((it) => it.id !== id);
  };
  return {
    commands,
    palette,
    questions,
    notices,
    link,
    openCommand: (name, given = {}) => {
      palette.value = false;
      commands.value = [...commands.peek(), { id: ++ids, name, given }];
    },
    closeCommand: (id) => {
      commands.value = commands.peek().filter((it) => it.id !== id);
    },
    showPalette: (shown) => {
      palette.value = shown;
    },
    askPerson: (question, signal) =>
      new Promise((resolve) => {
        const asked: AskedQuestion = {
          ...question,
          id: ++ids,
          answer: (answer) => {
            questions.value = questions.peek().filter((it) => it !== asked);
            resolve(answer);
          },
        };
        signal.addEventListener("abort", () => asked.answer({ action: "cancel" }), { once: true });
        questions.value = [...questions.peek(), asked];
      }),
    notify: (notice) => {
      const id = ++ids;
      notices.value = [...notices.peek(), { ...notice, id }];
      setTimeout(() => dismiss(id), notice.tone === "bad" ? badNoticeMs : noticeMs);
    },
    dismiss,
    askToOpen: (url) => {
      link.value = url;
    },
  };
}

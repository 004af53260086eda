/** Commands that answer what waits, and work on tasks: in the inbox, on the trees, from a notice. */
import { askWords, choose, tellEnd } from "../app/ask.ts";
import type { Shown } from "../app/shown.ts";
import { tell } from "../app/tell.ts";
import { type Answer, type AnswerName, answersOf, answersOfTask, type Given } from "../inbox/answers.ts";
import { giveCommand } from "../inbox/give-command.ts";
import type { Session } from "../session/session.ts";
import { oneLine } from "../text/one-line.ts";
import { waitingKey, waitingRoute, waitingTitle } from "../views/inbox-items.ts";
import type { Subject, WaitingItem } from "../views/item.ts";
import { submitTask } from "./submitting.ts";

export interface At {
  readonly session: Session;
  readonly shown: Shown;
  readonly openRoute: (route: string) => void;
}

export function createAnswering(at: () => At) {
  /** Keys of what is being answered just now: a second click answers nothing. */
  const underWay = new Set<string>();

  /**
   * Answers an item; it stays in the inbox until the rows say that it is answered.
   * @param here where the item was shown: a notice may outlive its session, and what it told of.
   */
  async function answerItem(item: WaitingItem, name: AnswerName, here: At): Promise<void> {
    const { session, shown, openRoute } = here;
    const key = waitingKey(item);
    const waits = (): boolean => {
      const found = shown.open().some((it) => waitingKey(it) === key);
      if (!found)
        void tell.info(`It does not wait for you any more, or its connection has ended: ${oneLine(item.text, 200)}`);
      return found;
    };
    const answer = answersOf(item).find((it) => it.name === name);
    if (answer === undefined) return openRoute(waitingRoute(item));
    if (underWay.has(key) || !waits()) return;
    underWay.add(key);
    try {
      const given = await asked(answer, item.text);
      if (given === undefined || !waits()) return;
      shown.answered(key);
      const end = await give(session, given, openRoute);
      if (!end) shown.notAnswered(key);
      session.known.waiting.refresh();
    } finally {
      underWay.delete(key);
    }
  }

  async function answerTask(subject: Extract<Subject, { kind: "task" }>, name: AnswerName): Promise<void> {
    const { session, openRoute } = at();
    const answer = answersOfTask(subject.task).find((it) => it.name === name);
    const given = answer === undefined ? undefined : await asked(answer, subject.task.title);
    if (given !== undefined) await give(session, given, openRoute);
  }

  async function answerSubject(subject: Subject, name: AnswerName): Promise<void> {
    if (subject.kind === "waiting") await answerItem(subject.item, name, at());
    else if (subject.kind === "task") await answerTask(subject, name);
  }

  return {
    answerItem,
    answerSubject,

    /** All of the inbox, one after the other. */
    async answerWaiting(): Promise<void> {
      const here = at();
      const { openRoute } = here;
      const items = here.shown.open();
      if (items.length === 0) {
        void tell.info("Nothing waits for you.");
        return;
      }
      const item = await choose(
        "What waits for you",
        items.map((it) => ({
          label: oneLine(it.text, 100),
          description: [waitingTitle(it), ...(it.from === null ? [] : [`from ${it.from}`])].join(" · "),
          detail: oneLine(it.conversationTitle, 100),
          value: it,
        })),
      );
      if (item === undefined) return;
      const answers = answersOf(item);
      const held = item.kind === "task" && item.fence !== null;
      const way = await choose<AnswerName | "open" | "submit">(oneLine(item.text, 100), [
        ...answers.map((it) => ({ label: it.title, value: it.name })),
        ...(held ? [{ label: "Submit a Result", value: "submit" as const }] : []),
        { label: "Open in the Observer", value: "open" },
      ]);
      if (way === "open") openRoute(waitingRoute(item));
      else if (way === "submit") await submit({ kind: "waiting", item });
      else if (way !== undefined) await answerItem(item, way, here);
    },
    submit,
  };

  async function submit(subject: Subject): Promise<void> {
    const { session, openRoute } = at();
    const task = subject.kind === "task" ? subject.task.id : subject.kind === "waiting" ? subject.item.subject : null;
    if (task === null) return;
    const given = await submitTask(session, task);
    if (given !== undefined) await give(session, given, openRoute);
  }
}

/** Asks for the words that an answer needs. Undefined: the person thought better of it. */
async function asked(answer: Answer, about: string): Promise<Given | undefined> {
  if (answer.words === "none") return answer.give("");
  const words = await askWords({
    title: `${answer.title}: ${oneLine(about, 80)}`,
    prompt: answer.prompt,
    needed: answer.words === "needed",
  });
  return words === undefined ? undefined : answer.give(words);
}

/** @returns whether it came about; what did not is told. */
export async function give(session: Session, given: Given, openRoute: (route: string) => void): Promise<boolean> {
  const end = await giveCommand(session.call, given);
  if (end.end !== "done") {
    void tellEnd(end, openRoute);
    return false;
  }
  const { answer } = end;
  if (
    given.name === "ClaimTask" &&
    typeof answer === "object" &&
    answer !== null &&
    Reflect.get(answer, "claimed") === false
  ) {
    void tell.warning(`${String(Reflect.get(answer, "holder"))} was first, and holds the task.`);
    return false;
  }
  return true;
}

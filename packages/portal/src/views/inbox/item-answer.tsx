import type { ControlName } from "@federation/core";
import { useId, useMemo, useState } from "preact/hooks";
import { CommandButton } from "../../command/command-button.tsx";
import { CommandEndNote } from "../../command/command-end.tsx";
import type { CommandEnd } from "../../command/give-command.ts";
import { createInTurn } from "../../command/in-turn.ts";
import type { CommandName } from "../../command/places.ts";
import { useCommand } from "../../command/use-command.ts";
import { hrefOf } from "../../routing/route.ts";
import { Icon, type IconName } from "../../ui/icon.tsx";
import type { WaitingItem } from "./waiting-item.ts";

interface Choice {
  readonly title: string;
  readonly icon: IconName;
  readonly tone: "primary" | "danger" | "plain";
  readonly command: CommandName;
  readonly request: (reason: string) => Readonly<Record<string, unknown>>;
  /** Without words it cannot be given. */
  readonly needsReason: boolean;
  /** Given after it has gone through. */
  readonly after?: { readonly command: CommandName; readonly request: Readonly<Record<string, unknown>> };
}

export function ItemAnswer({ item, onAnswered }: { readonly item: WaitingItem; readonly onAnswered: () => void }) {
  switch (item.kind) {
    case "ballot":
      return <Choices choices={ballotChoices(item.id)} label="Reason" onAnswered={onAnswered} />;
    case "approval":
      return <Choices choices={approvalChoices(item.id)} label="Reason, if there is one" onAnswered={onAnswered} />;
    case "question":
      return <Choices choices={questionChoices(item)} label="Your answer" onAnswered={onAnswered} />;
    case "veto":
      return (
        <div class="row">
          <CommandButton name="VetoProposal" given={{ proposal: item.id }} icon="ban" tone="danger">
            Veto
          </CommandButton>
          <a class="button" href={hrefOf("proposals", item.id)}>
            Read it
          </a>
        </div>
      );
    case "task":
      return (
        <div class="row">
          {item.fence === null ? (
            <CommandButton name="ClaimTask" given={{ task: item.id }} icon="hand" tone="primary">
              Claim
            </CommandButton>
          ) : (
            <CommandButton name="SubmitTask" given={{ task: item.id, fence: item.fence }} icon="send" tone="primary">
              Submit
            </CommandButton>
          )}
          <a class="button" href={hrefOf("tasks", item.id)}>
            Open it
          </a>
        </div>
      );
    case "duty":
      return <DutyAnswer item={item} onAnswered={onAnswered} />;
  }
}

function DutyAnswer({ item, onAnswered }: { readonly item: WaitingItem; readonly onAnswered: () => void }) {
  const { subject, conversation } = item;
  const open = (
    <a class="button" href={hrefOf("missions", conversation)}>
      Open it
    </a>
  );
  switch (item.duty) {
    case "review":
      return subject === null ? (
        open
      ) : (
        <Choices choices={reviewChoices(subject)} label="Reason" onAnswered={onAnswered} />
      );
    case "assign":
      return (
        <div class="row">
          <CommandButton name="AssignTask" given={subject === null ? {} : { task: subject }} icon="user" tone="primary">
            Assign
          </CommandButton>
          {open}
        </div>
      );
    case "advance":
      return (
        <div class="row">
          <CommandButton name="AdvancePhase" given={{ mission: conversation }} icon="chevron-right" tone="primary">
            Advance
          </CommandButton>
          {open}
        </div>
      );
    case "propose":
      return (
        <div class="row">
          <CommandButton name="Propose" given={{ mission: conversation }} icon="plus" tone="primary">
            Propose
          </CommandButton>
          {open}
        </div>
      );
    case "critique":
      return (
        <div class="row">
          <CommandButton
            name="Critique"
            given={subject === null ? {} : { proposal: subject }}
            icon="messages"
            tone="primary"
          >
            Criticise
          </CommandButton>
          {open}
        </div>
      );
    default:
      return <div class="row">{open}</div>;
  }
}

export function ballotChoices(proposal: string): readonly Choice[] {
  const cast = (title: string, choice: string, icon: IconName, tone: Choice["tone"]): Choice => ({
    title,
    icon,
    tone,
    command: "CastBallot",
    needsReason: true,
    request: (reason) => ({ proposal, choice, reason }),
  });
  return [
    cast("Yes", "yes", "check", "primary"),
    cast("No", "no", "close", "danger"),
    cast("Abstain", "abstain", "ban", "plain"),
  ];
}

export function reviewChoices(task: string): readonly Choice[] {
  const review = (title: string, accept: boolean, icon: IconName, tone: Choice["tone"]): Choice => ({
    title,
    icon,
    tone,
    command: "ReviewTask",
    needsReason: true,
    request: (reason) => ({ task, accept, reason }),
  });
  return [review("Accept", true, "check", "primary"), review("Reject", false, "close", "danger")];
}

function approvalChoices(approval: string): readonly Choice[] {
  const answer = (title: string, approve: boolean, icon: IconName, tone: Choice["tone"]): Choice => ({
    title,
    icon,
    tone,
    command: "AnswerApproval",
    needsReason: false,
    request: (reason) => ({ approval, approve, ...(reason === "" ? {} : { reason }) }),
  });
  return [answer("Approve", true, "check", "primary"), answer("Deny", false, "close", "danger")];
}

function questionChoices(item: WaitingItem): readonly Choice[] {
  return [
    {
      title: "Answer",
      icon: "send",
      tone: "primary",
      command: "SendMessage",
      needsReason: true,
      request: (text) => ({ conversation: item.conversation, to: item.from ?? "all", text, causation: item.id }),
      after: { command: "AcknowledgeMessage", request: { message: item.id } },
    },
    {
      title: "Done",
      icon: "check",
      tone: "plain",
      command: "AcknowledgeMessage",
      needsReason: false,
      request: () => ({ message: item.id }),
    },
  ];
}

/** A few words, and what they are said with: one answer at a time, and after it none until other words are written. */
export function Choices({
  choices,
  label,
  onAnswered = () => {},
}: {
  readonly choices: readonly Choice[];
  readonly label: string;
  readonly onAnswered?: () => void;
}) {
  const [reason, setReason] = useState("");
  const [underWay, setUnderWay] = useState<Choice["title"] | undefined>(undefined);
  const [last, setLast] = useState<Answer | undefined>(undefined);
  const id = useId();
  const needed = choices.every((it) => it.needsReason);
  const answered = last?.ended.end === "done";

  async function take(title: Choice["title"], answer: () => Promise<Answer>): Promise<void> {
    setUnderWay(title);
    const given = await answer();
    setUnderWay(undefined);
    setLast(given);
    if (given.ended.end !== "done") return;
    setReason((now) => (now === reason ? "" : now));
    onAnswered();
  }

  return (
    <form class="choices" onSubmit={(event) => event.preventDefault()}>
      <div class="field">
        <label htmlFor={id}>{label}</label>
        <textarea
          id={id}
          rows={2}
          dir="auto"
          value={reason}
          placeholder={needed ? "A few words first: they stay on record" : undefined}
          onInput={({ currentTarget }) => {
            setReason(currentTarget.value);
            if (answered) setLast(undefined);
          }}
        />
      </div>
      <CommandEndNote end={last?.ended} />
      {last?.half === true ? <p class="soft">Your answer is sent. What is left is to mark this as done.</p> : null}
      <div class="row">
        {choices.map((it) => (
          <ChoiceButton
            key={it.title}
            choice={it}
            reason={reason.trim()}
            busy={underWay === it.title}
            blocked={underWay !== undefined || answered}
            onTake={(answer) => void take(it.title, answer)}
          />
        ))}
      </div>
    </form>
  );
}

interface Answer {
  readonly ended: CommandEnd;
  /** It is said, and what was to be given after it is not. */
  readonly half: boolean;
}

function ChoiceButton({
  choice,
  reason,
  busy,
  blocked,
  onTake,
}: {
  readonly choice: Choice;
  readonly reason: string;
  readonly busy: boolean;
  readonly blocked: boolean;
  readonly onTake: (answer: () => Promise<Answer>) => void;
}) {
  const { after } = choice;
  const name: ControlName = choice.command;
  const { give } = useCommand(name);
  const next = useCommand(after?.command ?? name);
  const inTurn = useMemo(createInTurn, []);
  const missing = choice.needsReason && reason === "";
  async function answer(): Promise<Answer> {
    const request = choice.request(reason);
    return after === undefined
      ? { ended: await give(request), half: false }
      : await inTurn.give({ request, give }, { request: after.request, give: next.give });
  }
  return (
    <button
      type="button"
      class={`button ${choice.tone}`}
      disabled={blocked || missing}
      title={missing ? "Write a few words first" : undefined}
      data-command={choice.command}
      onClick={() => onTake(answer)}
    >
      <Icon name={choice.icon} size={14} /> {busy ? "…" : choice.title}
    </button>
  );
}

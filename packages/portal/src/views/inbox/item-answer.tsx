import type { ControlName } from "@federation/core";
import { useId, useState } from "preact/hooks";
import { CommandButton } from "../../command/command-button.tsx";
import { CommandEndNote } from "../../command/command-end.tsx";
import type { CommandEnd } from "../../command/give-command.ts";
import type { CommandName } from "../../command/places.ts";
import { useCommand } from "../../command/use-command.ts";
import { hrefOf } from "../../routing/route.ts";
import { Icon, type IconName } from "../../ui/icon.tsx";
import type { WaitingItem } from "./waiting-list.tsx";

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

/** A few words, and what they are said with. */
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
  const [end, setEnd] = useState<CommandEnd | undefined>(undefined);
  const id = useId();
  const needed = choices.every((it) => it.needsReason);
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
          onInput={({ currentTarget }) => setReason(currentTarget.value)}
        />
      </div>
      <CommandEndNote end={end} />
      <div class="row">
        {choices.map((it) => (
          <ChoiceButton
            key={it.title}
            choice={it}
            reason={reason.trim()}
            onEnd={(ended) => {
              setEnd(ended);
              if (ended.end !== "done") return;
              setReason("");
              onAnswered();
            }}
          />
        ))}
      </div>
    </form>
  );
}

function ChoiceButton({
  choice,
  reason,
  onEnd,
}: {
  readonly choice: Choice;
  readonly reason: string;
  readonly onEnd: (end: CommandEnd) => void;
}) {
  const name: ControlName = choice.command;
  const { busy, give } = useCommand(name);
  const next = useCommand(choice.after?.command ?? name);
  const missing = choice.needsReason && reason === "";
  async function answer(): Promise<CommandEnd> {
    const ended = await give(choice.request(reason));
    return ended.end === "done" && choice.after !== undefined ? await next.give(choice.after.request) : ended;
  }
  return (
    <button
      type="button"
      class={`button ${choice.tone}`}
      disabled={busy || missing}
      title={missing ? "Write a few words first" : undefined}
      data-command={choice.command}
      onClick={() => void answer().then(onEnd)}
    >
      <Icon name={choice.icon} size={14} /> {busy ? "…" : choice.title}
    </button>
  );
}

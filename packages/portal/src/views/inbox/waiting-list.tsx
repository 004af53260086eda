/** What waits for me, each with what answers it. An item goes when the rows say that it is answered, and not before. */
import { changeInWords } from "@federation/core";
import { useState } from "preact/hooks";
import { useApp } from "../../app/app.ts";
import { hrefOf } from "../../routing/route.ts";
import { ActorName } from "../../ui/actor.tsx";
import { Badge, Empty, type Tone } from "../../ui/parts.tsx";
import { QueryView } from "../../ui/query-view.tsx";
import { Countdown, Since } from "../../ui/time.tsx";
import { Line, Words } from "../../ui/words.tsx";
import { ItemAnswer } from "./item-answer.tsx";
import type { WaitingItem } from "./waiting-item.ts";

const everyMs = 10_000;

export function WaitingList({ brief = false }: { readonly brief?: boolean }) {
  return (
    <QueryView
      name="ListWaiting"
      request={{}}
      everyMs={everyMs}
      empty={({ items }) => (items.length === 0 ? <NothingWaits brief={brief} /> : null)}
    >
      {({ items }) =>
        brief ? (
          <ul class="stack">
            {items.slice(0, 4).map((it) => (
              <BriefItem key={keyOf(it)} item={it} />
            ))}
            {items.length > 4 ? <li class="faint">and {items.length - 4} more</li> : null}
          </ul>
        ) : (
          <ul class="stack">
            {items.map((it) => (
              <FullItem key={keyOf(it)} item={it} />
            ))}
          </ul>
        )
      }
    </QueryView>
  );
}

const keyOf = (it: WaitingItem): string => `${it.kind} ${it.id}`;

function NothingWaits({ brief }: { readonly brief: boolean }) {
  if (brief) return <p class="soft">Nothing waits for you.</p>;
  return (
    <Empty icon="good" title="Nothing waits for you">
      Votes, questions and tasks that are yours appear here, and in the editor, whichever you answer first.
    </Empty>
  );
}

const words: Readonly<Record<WaitingItem["kind"], { readonly title: string; readonly tone: Tone }>> = {
  ballot: { title: "vote", tone: "accent" },
  duty: { title: "duty", tone: "warn" },
  approval: { title: "approval", tone: "warn" },
  question: { title: "question", tone: "plain" },
  task: { title: "task", tone: "good" },
  veto: { title: "may be vetoed", tone: "soft" },
};

function hrefOfItem(it: WaitingItem): string {
  if (it.kind === "ballot" || it.kind === "veto") return hrefOf("proposals", it.id);
  if (it.kind === "task") return hrefOf("tasks", it.id);
  return it.conversationKind === "thread"
    ? hrefOf("conversations", it.conversation)
    : hrefOf("missions", it.conversation);
}

function BriefItem({ item }: { readonly item: WaitingItem }) {
  const { title, tone } = words[item.kind];
  return (
    <li class="stack-tight">
      <div class="row">
        <Badge tone={tone}>{item.kind === "duty" ? (item.duty ?? title) : title}</Badge>
        {item.from === null ? null : <ActorName name={item.from} />}
        {item.deadline === null ? null : <Countdown to={item.deadline} />}
      </div>
      <a href={hrefOf("inbox", undefined, { item: item.id })} class="clamp-2">
        <Line of={item.text} />
      </a>
    </li>
  );
}

/** What one votes on, as it will be counted: its text and not its title alone. */
function Proposed({ item }: { readonly item: WaitingItem }) {
  return (
    <div class="stack-tight">
      <a href={hrefOf("proposals", item.id)}>
        <strong>
          <Line of={item.text} />
        </strong>
      </a>
      <QueryView name="ShowProposal" request={{ proposal: item.id }}>
        {({ proposal }) => (
          <>
            <Words of={proposal.text} first={1_500} />
            {proposal.change === null ? null : (
              <div class="soft">
                <Words of={changeInWords(proposal.change)} first={1_500} />
              </div>
            )}
          </>
        )}
      </QueryView>
    </div>
  );
}

function FullItem({ item }: { readonly item: WaitingItem }) {
  const { route } = useApp();
  const [answered, setAnswered] = useState(false);
  const { title, tone } = words[item.kind];
  const chosen = route.value.params["item"] === item.id;
  return (
    <li
      class={chosen ? "panel waiting-item chosen" : "panel waiting-item"}
      data-waiting={item.kind}
      data-item={item.id}
    >
      <div class="spread">
        <div class="row">
          <Badge tone={tone}>{item.kind === "duty" ? (item.duty ?? title) : title}</Badge>
          {item.from === null ? null : <ActorName name={item.from} />}
          {item.conversationTitle === item.text ? null : (
            <a class="soft clamp-1" href={hrefOfItem(item)}>
              <Line of={item.conversationTitle} max={100} />
            </a>
          )}
        </div>
        <span class="row faint">
          <span>
            waiting <Since time={item.since} suffix="" />
          </span>
          {item.deadline === null ? null : <Countdown to={item.deadline} />}
        </span>
      </div>
      {item.kind === "ballot" || item.kind === "veto" ? <Proposed item={item} /> : <Words of={item.text} />}
      {answered ? (
        <p class="soft" role="status">
          Answered; it goes from here as soon as the rows say so.
        </p>
      ) : null}
      <ItemAnswer item={item} onAnswered={() => setAnswered(true)} />
    </li>
  );
}

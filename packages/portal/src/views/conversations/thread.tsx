import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { hrefOf } from "../../routing/route.ts";
import { ActorMark, ActorName } from "../../ui/actor.tsx";
import { LadderMarks } from "../../ui/ladder.tsx";
import { Markdown } from "../../ui/markdown.tsx";
import { Badge, Empty, type Tone } from "../../ui/parts.tsx";
import { Failed, Loading } from "../../ui/query-view.tsx";
import { At } from "../../ui/time.tsx";
import { Composer } from "./composer.tsx";
import { type ThreadMessage, useThread } from "./use-thread.ts";

/** What was said in a conversation, oldest first, and the place to say something. */
export function Thread({
  conversation,
  members,
}: {
  readonly conversation: string;
  readonly members: readonly string[];
}) {
  const { messages, loading, error, refresh, hasOlder, busy, loadOlder } = useThread(conversation);
  const list = useRef<HTMLOListElement>(null);
  const foot = useRef<HTMLDivElement>(null);
  useStayAtEnd(list, foot, loading);
  if (loading) return <Loading />;
  return (
    <div class="thread">
      {error === undefined ? null : <Failed error={error} onRetry={refresh} stale={messages.length > 0} />}
      {hasOlder ? (
        <p class="center">
          <button type="button" class="button quiet" disabled={busy} onClick={loadOlder}>
            {busy ? "Loading…" : "Show older messages"}
          </button>
        </p>
      ) : null}
      {messages.length === 0 && error === undefined ? (
        <Empty icon="messages" title="Nothing was said here yet">
          Write the first message below.
        </Empty>
      ) : null}
      <ol class="messages" ref={list}>
        {messages.map((message) => (
          <MessageItem key={message.id} message={message} />
        ))}
      </ol>
      <div ref={foot} />
      <Composer conversation={conversation} members={members} />
    </div>
  );
}

/** So far below what is in view may the end be that it is still what one reads. */
const nearPx = 100;

/** Who reads the end goes on reading the end, whatever comes; who reads elsewhere is left there. */
function useStayAtEnd(
  list: RefObject<HTMLElement | null>,
  foot: RefObject<HTMLElement | null>,
  loading: boolean,
): void {
  useLayoutEffect(() => {
    if (list.current === null) return;
    let atEnd = true;
    const scrolled = (): void => {
      const top = foot.current?.getBoundingClientRect().top;
      if (top !== undefined) atEnd = top < innerHeight + nearPx;
    };
    const growth = new ResizeObserver(() => {
      if (atEnd) foot.current?.scrollIntoView({ block: "end" });
    });
    growth.observe(list.current);
    // Of whatever scrolls around it: such an event does not bubble.
    document.addEventListener("scroll", scrolled, { capture: true, passive: true });
    return () => {
      growth.disconnect();
      document.removeEventListener("scroll", scrolled, { capture: true });
    };
  }, [list, foot, loading]);
}

const kindTones: Readonly<Record<ThreadMessage["kind"], Tone>> = {
  say: "soft",
  ask: "warn",
  propose: "accent",
  critique: "plain",
  report: "good",
  notice: "soft",
};

function MessageItem({ message }: { readonly message: ThreadMessage }) {
  return (
    <li class={`message ${message.kind}`} id={`message-${message.id}`} data-message={message.id}>
      <ActorMark name={message.sender} size={28} />
      <div class="message-main">
        <div class="message-head">
          <ActorName name={message.sender} />
          {message.kind === "say" ? null : <Badge tone={kindTones[message.kind]}>{message.kind}</Badge>}
          {message.recipient === null ? null : (
            <span class="row-tight">
              <span class="faint">to</span> <ActorName name={message.recipient} />
            </span>
          )}
          <a class="faint" href={hrefOf("messages", message.id)} title="How far it came">
            <At time={message.createdAt} />
          </a>
          <LadderMarks of={message.ladder} />
        </div>
        <Markdown of={message.text} />
      </div>
    </li>
  );
}

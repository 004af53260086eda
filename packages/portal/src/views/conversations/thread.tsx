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
  const foot = useRef<HTMLDivElement>(null);
  const last = messages.at(-1)?.seq;
  const atEnd = useRef(true);
  // Who reads the end goes on reading the end.
  useLayoutEffect(() => {
    if (atEnd.current) foot.current?.scrollIntoView({ block: "end" });
  }, [last]);
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
      <ol class="messages">
        {messages.map((message) => (
          <MessageItem key={message.id} message={message} />
        ))}
      </ol>
      <div ref={foot} />
      <Composer conversation={conversation} members={members} />
    </div>
  );
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

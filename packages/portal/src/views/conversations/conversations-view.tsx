import type { ControlResponse } from "@federation/core";
import type { ViewProps } from "../../app/view-props.ts";
import { CommandButton } from "../../command/command-button.tsx";
import { hrefOf } from "../../routing/route.ts";
import { ActorMark, ActorName } from "../../ui/actor.tsx";
import { Badge, Empty, Tabs } from "../../ui/parts.tsx";
import { QueryView } from "../../ui/query-view.tsx";
import { Since } from "../../ui/time.tsx";
import { Line } from "../../ui/words.tsx";
import { Thread } from "./thread.tsx";

type Summary = ControlResponse<"ListConversations">["conversations"][number];

const kinds = ["all", "thread", "mission", "motion", "errand"] as const;

export function ConversationsView({ id, params }: ViewProps) {
  return id === undefined ? <ConversationList kind={params["kind"]} /> : <OneConversation id={id} />;
}

function ConversationList({ kind }: { readonly kind: string | undefined }) {
  const now = kinds.find((it) => it === kind) ?? "all";
  return (
    <div class="stack-wide">
      <div class="spread">
        <h1>Conversations</h1>
        <CommandButton name="SendMessage" icon="send" tone="primary">
          New conversation
        </CommandButton>
      </div>
      <Tabs
        label="Kinds of conversation"
        now={now}
        tabs={kinds.map((it) => ({
          name: it,
          title: it === "all" ? "All" : `${it.charAt(0).toUpperCase()}${it.slice(1)}s`,
          href: hrefOf("conversations", undefined, { kind: it === "all" ? undefined : it }),
        }))}
      />
      <QueryView
        name="ListConversations"
        request={{ limit: 200, ...(now === "all" ? {} : { kinds: [now] }) }}
        empty={({ conversations }) =>
          conversations.length === 0 ? (
            <Empty icon="messages" title="Nobody has said anything here">
              Begin with “New conversation”, or start a mission: it is a conversation too.
            </Empty>
          ) : null
        }
      >
        {({ conversations }) => (
          <ul class="panel list">
            {conversations.map((it) => (
              <ConversationRow key={it.id} of={it} />
            ))}
          </ul>
        )}
      </QueryView>
    </div>
  );
}

function ConversationRow({ of }: { readonly of: Summary }) {
  return (
    <li>
      <a class="list-row" href={hrefOf("conversations", of.id)}>
        <div class="grow stack-tight">
          <div class="row">
            <strong class="clamp-1">
              <Line of={of.title} />
            </strong>
            {of.kind === "thread" ? null : <Badge tone="accent">{of.kind}</Badge>}
            {of.phase === null || of.phase === "closed" ? null : <Badge>{of.phase}</Badge>}
            {of.due === 0 ? null : <Badge tone="warn">{of.due} due</Badge>}
          </div>
          <div class="soft clamp-1">
            {of.last === null ? "no messages" : <Line of={`${of.last.sender}: ${of.last.text}`} />}
          </div>
        </div>
        <span class="marks" title={of.members.join(", ")}>
          {of.members.slice(0, 6).map((name) => (
            <ActorMark key={name} name={name} />
          ))}
        </span>
        <span class="faint number list-when">
          {of.messages} · {of.last === null ? null : <Since time={of.last.at} />}
        </span>
      </a>
    </li>
  );
}

function OneConversation({ id }: { readonly id: string }) {
  return (
    <QueryView
      name="ListConversations"
      request={{ conversation: id, limit: 1 }}
      empty={({ conversations }) =>
        conversations.length === 0 ? (
          <Empty icon="search" title="This conversation is not here, or not yours to see" />
        ) : null
      }
    >
      {({ conversations: [of] }) =>
        of === undefined ? null : (
          <div class="stack-wide">
            <header class="stack-tight">
              <p class="faint">
                <a href={hrefOf("conversations")}>Conversations</a>
              </p>
              <h1>
                <Line of={of.title} />
              </h1>
              <div class="row">
                {of.kind === "thread" ? (
                  <Badge>thread</Badge>
                ) : (
                  <a class="button" href={hrefOf("missions", of.id)}>
                    Open the {of.kind}
                  </a>
                )}
                {of.members.map((name) => (
                  <ActorName key={name} name={name} />
                ))}
              </div>
            </header>
            <Thread conversation={id} members={of.members} />
          </div>
        )
      }
    </QueryView>
  );
}

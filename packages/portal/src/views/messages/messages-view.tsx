import type { ViewProps } from "../../app/view-props.ts";
import { CommandButton } from "../../command/command-button.tsx";
import { hrefOf } from "../../routing/route.ts";
import { ActorName } from "../../ui/actor.tsx";
import { DeliveryLadder } from "../../ui/ladder.tsx";
import { Markdown } from "../../ui/markdown.tsx";
import { Badge, Empty, Facts, Id, Panel } from "../../ui/parts.tsx";
import { QueryView } from "../../ui/query-view.tsx";
import { At, Since } from "../../ui/time.tsx";
import { Line } from "../../ui/words.tsx";

export function MessagesView({ id }: ViewProps) {
  return id === undefined ? <DeadLetters /> : <OneMessage id={id} />;
}

function DeadLetters() {
  return (
    <div class="stack-wide">
      <h1>Dead letters</h1>
      <p class="soft">
        Deliveries that were given up after five attempts, with the reason. Redriven, one gets a new set of attempts.
      </p>
      <QueryView
        name="ListDeadLetters"
        request={{ limit: 200 }}
        empty={({ deliveries }) =>
          deliveries.length === 0 ? (
            <Empty icon="good" title="No delivery was given up">
              Whatever is on its way is in its <a href={hrefOf("conversations")}>conversation</a>, with how far it came.
            </Empty>
          ) : null
        }
      >
        {({ deliveries }) => (
          <ul class="panel list">
            {deliveries.map((it) => (
              <li key={`${it.message} ${it.recipient}`} class="list-row">
                <div class="grow stack-tight">
                  <div class="row">
                    <ActorName name={it.sender} />
                    <span class="faint">to</span>
                    <ActorName name={it.recipient} />
                    <Badge tone="bad">{it.attempts} attempts</Badge>
                    <span class="faint">
                      <Since time={it.diedAt} />
                    </span>
                  </div>
                  <a href={hrefOf("messages", it.message)} class="clamp-1">
                    <Line of={it.text} />
                  </a>
                  <p class="soft clamp-2">
                    <Line of={it.lastError ?? "no reason was noted"} />
                  </p>
                </div>
                <CommandButton
                  name="RedriveDelivery"
                  given={{ message: it.message, recipient: it.recipient }}
                  icon="refresh"
                >
                  Redrive
                </CommandButton>
              </li>
            ))}
          </ul>
        )}
      </QueryView>
    </div>
  );
}

function OneMessage({ id }: { readonly id: string }) {
  return (
    <QueryView name="ShowMessage" request={{ message: id }} everyMs={3_000}>
      {({ message, deliveries }) => (
        <div class="stack-wide">
          <h1>Message {message.seq}</h1>
          <Panel title="What was said" actions={<Id of={message.id} what="message" />}>
            <div class="stack">
              <div class="row">
                <ActorName name={message.sender} />
                <Badge>{message.kind}</Badge>
                {message.recipient === null ? (
                  <span class="faint">to all</span>
                ) : (
                  <span class="row-tight">
                    <span class="faint">to</span> <ActorName name={message.recipient} />
                  </span>
                )}
                <span class="faint">
                  <At time={message.createdAt} />
                </span>
                <a href={hrefOf("conversations", message.conversation)}>in its conversation</a>
              </div>
              <Markdown of={message.text} />
            </div>
          </Panel>
          <Panel
            title={`How far it came, to ${deliveries.length === 1 ? "one recipient" : `${deliveries.length} recipients`}`}
          >
            {deliveries.length === 0 ? (
              <Empty icon="messages" title="Nobody else was there to receive it" />
            ) : (
              <ul class="stack">
                {deliveries.map((it) => (
                  <li key={it.recipient} class="delivery">
                    <div class="spread">
                      <ActorName name={it.recipient} />
                      <div class="row">
                        <Badge tone={it.state === "done" ? "good" : it.state === "dead" ? "bad" : "warn"}>
                          {it.state}
                        </Badge>
                        {it.state === "dead" ? (
                          <CommandButton
                            name="RedriveDelivery"
                            given={{ message: it.message, recipient: it.recipient }}
                            icon="refresh"
                          >
                            Redrive
                          </CommandButton>
                        ) : null}
                      </div>
                    </div>
                    <DeliveryLadder of={it} />
                    {it.attempts > 1 || it.lastError !== null ? (
                      <Facts
                        of={[
                          ["attempts", it.attempts],
                          ["last error", it.lastError === null ? null : <Line key="error" of={it.lastError} />],
                        ]}
                      />
                    ) : null}
                  </li>
                ))}
              </ul>
            )}
          </Panel>
        </div>
      )}
    </QueryView>
  );
}

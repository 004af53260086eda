import { CommandButton } from "../../command/command-button.tsx";
import { ActorName } from "../../ui/actor.tsx";
import { Badge, Panel } from "../../ui/parts.tsx";
import { QueryView, useQuery } from "../../ui/query-view.tsx";
import { Countdown, Since } from "../../ui/time.tsx";
import { Line } from "../../ui/words.tsx";
import { WaitingList } from "./waiting-list.tsx";

export function InboxView() {
  const { data } = useQuery("ListWaiting", {});
  const unread = data?.unread ?? 0;
  return (
    <div class="stack-wide narrow">
      <div class="spread">
        <h1>Inbox</h1>
        <CommandButton name="AskApproval" icon="user">
          Ask a person
        </CommandButton>
      </div>
      {unread === 0 ? null : (
        <p class="soft">
          {unread === 1
            ? "Besides, one message to you asks nothing, and is in its conversation."
            : `Besides, ${unread} messages to you ask nothing, and are in their conversations.`}
        </p>
      )}
      <WaitingList />
      <AskedByMe />
    </div>
  );
}

/** Questions of mine to other people. */
function AskedByMe() {
  return (
    <QueryView
      name="ListApprovals"
      request={{ asked: "by_me", open: true }}
      empty={({ approvals }) => (approvals.length === 0 ? <span /> : null)}
    >
      {({ approvals }) => (
        <Panel title="You asked">
          <ul class="stack">
            {approvals.map((it) => (
              <li key={it.id} class="spread">
                <div class="row grow">
                  <ActorName name={it.whom} />
                  <Line of={it.question} />
                  <Badge tone="warn">{it.state}</Badge>
                  <span class="faint">
                    <Since time={it.createdAt} /> · <Countdown to={it.deadline} />
                  </span>
                </div>
                <CommandButton name="WithdrawApproval" given={{ approval: it.id }} tone="quiet">
                  Withdraw
                </CommandButton>
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </QueryView>
  );
}

import type { ControlResponse } from "@federation/core";
import { hrefOf } from "../../routing/route.ts";
import { ActorName } from "../../ui/actor.tsx";
import { Badge, Empty } from "../../ui/parts.tsx";
import { QueryView } from "../../ui/query-view.tsx";
import { Table } from "../../ui/table.tsx";
import { At, Since, spanText } from "../../ui/time.tsx";

type Turn = ControlResponse<"ListTurns">["turns"][number];

interface Request {
  readonly conversation?: string;
  readonly actor?: string;
  readonly subject?: string;
  readonly limit: number;
}

/** Turns of models: who, how long, with what end. Each can be laid open. */
export function TurnTable({ request }: { readonly request: Request }) {
  return (
    <QueryView
      name="ListTurns"
      request={request}
      everyMs={4_000}
      empty={({ turns }) =>
        turns.length === 0 ? (
          <Empty icon="cpu" title="No model has taken a turn here yet">
            A turn begins when something is due: a message, a duty, a task.
          </Empty>
        ) : null
      }
    >
      {({ turns }) => (
        <Table
          heads={[
            "Began",
            "Actor",
            "Duty",
            "Chose",
            "Decided by",
            { right: "Tokens read, written" },
            { right: "Took" },
            { unseen: "Open" },
          ]}
        >
          {turns.map((it) => (
            <TurnRow key={it.id} turn={it} />
          ))}
        </Table>
      )}
    </QueryView>
  );
}

function TurnRow({ turn }: { readonly turn: Turn }) {
  return (
    <tr>
      <td>
        <At time={turn.startedAt} />
      </td>
      <td>
        <ActorName name={turn.actor} />
      </td>
      <td>{turn.duty ?? <span class="faint">none</span>}</td>
      <td>
        {turn.state === "running" ? (
          <Badge tone="accent">
            <span class="pulse thinking" aria-hidden="true" /> thinking
          </Badge>
        ) : turn.state === "failed" ? (
          <Badge tone="bad">failed</Badge>
        ) : (
          (turn.action ?? "–")
        )}
        {turn.attempts > 1 ? <span class="faint"> attempt {turn.attempts}</span> : null}
      </td>
      <td>{turn.origin === null ? "–" : <OriginBadge origin={turn.origin} />}</td>
      <td class="right number">
        {turn.tokensIn.toLocaleString("en")} · {turn.tokensOut.toLocaleString("en")}
      </td>
      <td class="right number">
        {turn.endedAt === null ? (
          <Since time={turn.startedAt} suffix="" />
        ) : (
          spanText(Date.parse(turn.endedAt) - Date.parse(turn.startedAt))
        )}
      </td>
      <td>
        <a
          class="button quiet"
          href={hrefOf("turns", turn.id)}
          aria-label={`Lay open the turn of ${turn.actor} in step ${turn.step}`}
        >
          Lay open
        </a>
      </td>
    </tr>
  );
}

export function OriginBadge({ origin }: { readonly origin: NonNullable<Turn["origin"]> }) {
  const tone = origin === "model" ? "accent" : origin === "human" ? "good" : origin === "deadline" ? "warn" : "soft";
  return (
    <Badge
      tone={tone}
      icon={origin === "model" ? "cpu" : origin === "human" ? "user" : origin === "deadline" ? "clock" : "charter"}
    >
      {origin}
    </Badge>
  );
}

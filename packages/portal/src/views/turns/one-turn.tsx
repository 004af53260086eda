/** A turn laid open. */
import { type ControlResponse, chosenKey } from "@federation/core";
import { hrefOf } from "../../routing/route.ts";
import { ActorName } from "../../ui/actor.tsx";
import { Badge, Facts, Id, Panel } from "../../ui/parts.tsx";
import { QueryView } from "../../ui/query-view.tsx";
import { At, Since, spanText } from "../../ui/time.tsx";
import { Line, Words } from "../../ui/words.tsx";
import { OriginBadge } from "./turn-table.tsx";

type Shown = ControlResponse<"ShowTurn">;

export function OneTurn({ id }: { readonly id: string }) {
  return (
    <QueryView name="ShowTurn" request={{ turn: id }} everyMs={4_000}>
      {(shown) => (
        <div class="stack-wide">
          <TurnHead shown={shown} />
          <div class="two-columns">
            <div class="stack-wide">
              <Chosen shown={shown} />
              <Saw shown={shown} />
            </div>
            <div class="stack-wide">
              <TurnFacts shown={shown} />
              <Gate shown={shown} />
            </div>
          </div>
        </div>
      )}
    </QueryView>
  );
}

function TurnHead({ shown: { turn } }: { readonly shown: Shown }) {
  return (
    <header class="stack-tight">
      <p class="faint row">
        <a href={hrefOf("turns")}>Turns</a>
        <Id of={turn.id} what="turn" />
      </p>
      <h1 class="row">
        Turn {turn.step} of <ActorName name={turn.actor} />
      </h1>
      <div class="row">
        {turn.state === "running" ? (
          <Badge tone="accent">
            <span class="pulse thinking" aria-hidden="true" /> thinking for <Since time={turn.startedAt} suffix="" />
          </Badge>
        ) : (
          <Badge tone={turn.state === "failed" ? "bad" : "good"}>{turn.state}</Badge>
        )}
        {turn.origin === null ? null : <OriginBadge origin={turn.origin} />}
        <a href={hrefOf("conversations", turn.conversation)}>in its conversation</a>
      </div>
    </header>
  );
}

/** Every lawful action with the probability the model gave it, and the one that was drawn. */
function Chosen({ shown: { record, decisions } }: { readonly shown: Shown }) {
  const [first] = decisions;
  const offered = record?.offered ?? [];
  const chosen = first === undefined ? undefined : chosenKey(first.head);
  const probabilities = first?.probabilities ?? null;
  const rows = offered
    .map((it) => ({ ...it, probability: probabilities?.[it.key] }))
    .sort((a, b) => (b.probability ?? 0) - (a.probability ?? 0));
  return (
    <Panel title="What was lawful, and what it chose">
      {rows.length === 0 ? (
        <p class="soft">
          {first === undefined ? (
            "Nothing is decided yet."
          ) : (
            <>
              {first.head.kind}: no model was asked. <Line of={first.note} />
            </>
          )}
        </p>
      ) : (
        <ol class="offers">
          {rows.map((it) => (
            <li key={it.key} class={it.key === chosen ? "offer chosen" : "offer"}>
              <div class="offer-bar" style={{ width: `${100 * (it.probability ?? 0)}%` }} aria-hidden="true" />
              <span class="offer-sentence">
                <Line of={it.sentence} max={300} />
                <span class="faint mono">
                  {" "}
                  <Line of={it.key} max={60} />
                </span>
              </span>
              <span class="number">
                {it.probability === undefined ? (it.key === chosen ? "the one" : "–") : it.probability.toFixed(3)}
              </span>
              {it.key === chosen ? <Badge tone="good">chosen</Badge> : null}
            </li>
          ))}
        </ol>
      )}
      {first === undefined || first.seed === null ? null : (
        <p class="faint">
          The probabilities are the model's; the draw among them is seeded ({first.seed}), so that it can be repeated.
        </p>
      )}
      {decisions.slice(1).map((it) => (
        <p key={it.id} class="soft">
          Then: {it.head.kind}
          {it.probabilities === null ? "" : `, of ${Object.keys(it.probabilities).length} choices`}.{" "}
          <Line of={it.note} />
        </p>
      ))}
    </Panel>
  );
}

function Saw({ shown: { record, turn } }: { readonly shown: Shown }) {
  return (
    <Panel title="What it saw">
      {record === null ? (
        <p class="soft">
          {turn.state === "running"
            ? "It is kept when the turn has ended."
            : "No model was shown anything, or its prompt is not yours to see."}
        </p>
      ) : (
        <div class="stack">
          <details open>
            <summary>The situation, as it was put to the model</summary>
            <div class="prompt mono">
              <Words of={record.situation} first={8_000} />
            </div>
          </details>
          <details>
            <summary>What stands before it in every turn: charter and persona</summary>
            <div class="prompt mono">
              <Words of={record.system} first={8_000} />
            </div>
          </details>
          {record.read.length === 0 ? null : (
            <p class="row">
              <span class="faint">messages it read:</span>
              {record.read.map((message, index) => (
                <a key={message} class="button quiet" href={hrefOf("messages", message)}>
                  {index + 1}
                </a>
              ))}
            </p>
          )}
        </div>
      )}
    </Panel>
  );
}

function TurnFacts({ shown: { turn, record, decisions } }: { readonly shown: Shown }) {
  const tookMs = turn.endedAt === null ? undefined : Date.parse(turn.endedAt) - Date.parse(turn.startedAt);
  return (
    <Panel title="In figures">
      <Facts
        of={[
          ["model", turn.model],
          ["duty", turn.duty],
          ["about", turn.subject === null ? null : <Id key="subject" of={turn.subject} what="subject" />],
          ["began", <At key="began" time={turn.startedAt} />],
          ["took", tookMs === undefined ? null : spanText(tookMs)],
          ["tokens read", turn.tokensIn.toLocaleString("en")],
          ["tokens written", turn.tokensOut.toLocaleString("en")],
          ["attempts", turn.attempts],
          [
            "answers thrown away",
            record === null || record.rejected.length === 0 ? null : (
              <Line key="rejected" of={record.rejected.join(", ")} />
            ),
          ],
          [
            "note",
            decisions[0] === undefined || decisions[0].note === "" ? null : <Line key="note" of={decisions[0].note} />,
          ],
          ["failure", turn.failure === null ? null : <Line key="failure" of={turn.failure} />],
        ]}
      />
    </Panel>
  );
}

function Gate({ shown: { verdicts } }: { readonly shown: Shown }) {
  if (verdicts.length === 0) return null;
  return (
    <Panel title="At the gate">
      <ul class="stack">
        {verdicts.map((it) => (
          <li key={`${it.action} ${it.reason}`} class="stack-tight">
            <div class="row">
              <Badge tone={it.allowed ? "good" : "bad"}>{it.allowed ? "allowed" : "refused"}</Badge>
              <span class="mono">
                <Line of={it.action} max={60} />
              </span>
              {it.article === null ? null : <a href={hrefOf("charter", it.article)}>{it.article}</a>}
            </div>
            {it.reason === "" ? null : (
              <p class="soft">
                <Line of={it.reason} max={400} />
              </p>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

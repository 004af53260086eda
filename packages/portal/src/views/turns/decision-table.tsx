import { chosenKey } from "@federation/core";
import { hrefOf } from "../../routing/route.ts";
import { ActorName } from "../../ui/actor.tsx";
import { Empty } from "../../ui/parts.tsx";
import { QueryView } from "../../ui/query-view.tsx";
import { Table } from "../../ui/table.tsx";
import { At } from "../../ui/time.tsx";
import { Line } from "../../ui/words.tsx";
import { OriginBadge } from "./turn-table.tsx";

interface Request {
  readonly conversation?: string;
  readonly actor?: string;
  readonly limit: number;
}

/** Decisions on record, with by whom each was made. */
export function DecisionTable({ request }: { readonly request: Request }) {
  return (
    <QueryView
      name="ListDecisions"
      request={request}
      empty={({ decisions }) =>
        decisions.length === 0 ? <Empty icon="gavel" title="Nothing was decided yet" /> : null
      }
    >
      {({ decisions }) => (
        <Table heads={["When", "Actor", "Decision", "By", { right: "Probability" }, "Note"]}>
          {decisions.map((it) => {
            const key = chosenKey(it.head);
            const probability = key === undefined ? undefined : it.probabilities?.[key];
            return (
              <tr key={it.id}>
                <td>
                  <At time={it.at} />
                </td>
                <td>
                  <ActorName name={it.actor} />
                </td>
                <td>{it.turn === null ? it.head.kind : <a href={hrefOf("turns", it.turn)}>{it.head.kind}</a>}</td>
                <td>
                  <OriginBadge origin={it.origin} />
                </td>
                <td class="right number">{probability === undefined ? "–" : probability.toFixed(3)}</td>
                <td class="soft">
                  <Line of={it.note} max={200} />
                </td>
              </tr>
            );
          })}
        </Table>
      )}
    </QueryView>
  );
}

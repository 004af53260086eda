import { hrefOf } from "../../routing/route.ts";
import { ActorName } from "../../ui/actor.tsx";
import { Badge, Empty } from "../../ui/parts.tsx";
import { QueryView } from "../../ui/query-view.tsx";
import { Table } from "../../ui/table.tsx";
import { At } from "../../ui/time.tsx";
import { Line } from "../../ui/words.tsx";

interface Request {
  readonly conversation?: string;
  readonly refused?: boolean;
  readonly limit: number;
}

/** What the law decided, with the article that each refusal named. */
export function VerdictTable({ request }: { readonly request: Request }) {
  return (
    <QueryView
      name="ListVerdicts"
      request={request}
      empty={({ verdicts }) =>
        verdicts.length === 0 ? (
          <Empty
            icon="charter"
            title={request.refused === true ? "Nothing was refused" : "The law was not asked yet"}
          />
        ) : null
      }
    >
      {({ verdicts }) => (
        <Table heads={["When", "Actor", "Action", "Verdict", "Why, and what would have been lawful"]}>
          {verdicts.map((it) => (
            <tr key={it.id}>
              <td>
                <At time={it.at} />
              </td>
              <td>
                <ActorName name={it.actor} />
              </td>
              <td class="mono">
                <Line of={it.action.split(":")[0] ?? ""} max={60} />
              </td>
              <td>
                <Badge tone={it.allowed ? "good" : "bad"}>{it.allowed ? "allowed" : "refused"}</Badge>
                {it.article === null ? null : (
                  <div>
                    <a href={hrefOf("charter", it.article)}>{it.article}</a>
                  </div>
                )}
              </td>
              <td class="soft">
                <Line of={it.reason} max={300} />
                {it.lawful === "" ? null : (
                  <div>
                    lawful: <Line of={it.lawful} max={200} />
                  </div>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </QueryView>
  );
}

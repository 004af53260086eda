import { useState } from "preact/hooks";
import { hrefOf } from "../../routing/route.ts";
import { Badge, Empty, Panel } from "../../ui/parts.tsx";
import { QueryView } from "../../ui/query-view.tsx";
import { Table } from "../../ui/table.tsx";
import { At } from "../../ui/time.tsx";
import { Line, Revealed } from "../../ui/words.tsx";

/** The versions that were in force, how each came to be, and what is different between two of them. */
export function CharterVersions() {
  const [from, setFrom] = useState<number | undefined>(undefined);
  return (
    <QueryView name="ListCharterVersions" request={{ limit: 200 }}>
      {({ versions }) => {
        const latest = versions[0]?.version ?? 0;
        const chosen = from ?? Math.max(0, latest - 1);
        return (
          <div class="two-columns">
            <Panel title="Versions" flush>
              <ul class="list">
                {versions.map((it) => (
                  <li key={it.version} class="list-row">
                    <div class="grow stack-tight">
                      <div class="row">
                        <strong>version {it.version}</strong>
                        <Badge tone={it.how === "vote" ? "good" : "soft"}>{it.how}</Badge>
                        <span class="faint">
                          <At time={it.adoptedAt} />
                        </span>
                        {it.proposal === null ? null : <a href={hrefOf("proposals", it.proposal)}>its vote</a>}
                      </div>
                      {it.motive === "" ? null : (
                        <p class="soft clamp-3">
                          <Line of={it.motive} max={500} />
                        </p>
                      )}
                    </div>
                    {it.version === latest ? (
                      <Badge tone="accent">in force</Badge>
                    ) : (
                      <button
                        type="button"
                        class={chosen === it.version ? "button primary" : "button"}
                        onClick={() => setFrom(it.version)}
                      >
                        Compare
                      </button>
                    )}
                  </li>
                ))}
              </ul>
            </Panel>
            <Panel title={`Version ${chosen} beside ${latest}`} flush>
              {latest === chosen ? (
                <Empty icon="charter" title="There is one version only">
                  An amendment makes the next one.
                </Empty>
              ) : (
                <Difference from={chosen} to={latest} />
              )}
            </Panel>
          </div>
        );
      }}
    </QueryView>
  );
}

function Difference({ from, to }: { readonly from: number; readonly to: number }) {
  return (
    <QueryView
      name="DiffCharter"
      request={{ from, to }}
      empty={({ differences }) =>
        differences.length === 0 ? <Empty icon="charter" title="They say the same" /> : null
      }
    >
      {({ differences }) => (
        <Table heads={["Article", "What", "Before", "Now"]}>
          {differences.map((it) => (
            <tr key={`${it.article} ${it.what}`}>
              <td>
                <a href={hrefOf("charter", it.article)}>{it.article}</a>
              </td>
              <td>{it.what}</td>
              <td>
                <del class="diff-before">
                  <Value of={it.before} />
                </del>
              </td>
              <td>
                <ins class="diff-after">
                  <Value of={it.after} />
                </ins>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </QueryView>
  );
}

/** Values of a charter are text of whoever proposed them. */
function Value({ of }: { readonly of: unknown }) {
  return <Revealed text={of === null ? "–" : JSON.stringify(of)} />;
}

import { useApp } from "../../app/app.ts";
import { ActorName } from "../../ui/actor.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Markdown } from "../../ui/markdown.tsx";
import { Empty, Facts, Id, Panel } from "../../ui/parts.tsx";
import { QueryView } from "../../ui/query-view.tsx";
import { spanText } from "../../ui/time.tsx";
import { Line } from "../../ui/words.tsx";

/** What a mission left behind, as a document, with its files and who did what. */
export function MissionResult({ mission }: { readonly mission: string }) {
  const { home } = useApp();
  return (
    <QueryView name="ReportMission" request={{ mission }}>
      {(report) => (
        <div class="two-columns">
          <Panel
            title="Result"
            actions={
              home.editor === undefined ? null : (
                <button
                  type="button"
                  class="button"
                  onClick={() => home.editor?.openDocument({ kind: "report", id: mission })}
                >
                  <Icon name="file" size={14} /> Open as a document
                </button>
              )
            }
          >
            {report.outcome === null ? (
              <Empty icon="mission" title="This mission is still under way">
                What there is so far stands below.
              </Empty>
            ) : null}
            <Markdown of={report.result} />
          </Panel>
          <div class="stack-wide">
            <Panel title="Files">
              {report.files.length === 0 ? (
                <p class="soft">It left no files.</p>
              ) : (
                <ul class="stack-tight">
                  {report.files.map((it) => (
                    <li key={it.path} class="spread">
                      <span class="mono">
                        <Line of={it.path} />
                      </span>
                      <Id of={it.sha256} what="file" />
                    </li>
                  ))}
                </ul>
              )}
              {report.commit === null ? null : (
                <p class="row">
                  <Icon name="commit" size={14} /> commit <Id of={report.commit} what="commit" />
                  {home.editor === undefined ? null : (
                    <button
                      type="button"
                      class="button quiet"
                      onClick={() => home.editor?.showCommit(report.commit ?? "")}
                    >
                      Show its changes
                    </button>
                  )}
                </p>
              )}
            </Panel>
            <Panel title="In figures">
              <Facts
                of={[
                  ["outcome", report.outcome?.replaceAll("_", " ") ?? "open"],
                  ["took", spanText(report.durationMs)],
                  ["messages", report.messages],
                  [
                    "deliveries",
                    `${report.deliveries.acted} of ${report.deliveries.stored} acted on, ${report.deliveries.dead} given up`,
                  ],
                  ["verdicts", `${report.verdicts.allowed} allowed, ${report.verdicts.refused} refused`],
                  ["decided by models", report.decisions.byModel],
                  ["by people", report.decisions.byHuman],
                  ["by rules", report.decisions.byRule],
                  ["by deadlines", report.decisions.byDeadline],
                ]}
              />
            </Panel>
            <Panel title="Tokens">
              <ul class="stack-tight">
                {Object.entries(report.tokens).map(([actor, { in: read, out }]) => (
                  <li key={actor} class="spread">
                    <ActorName name={actor} />
                    <span class="faint number">
                      {read.toLocaleString("en")} read, {out.toLocaleString("en")} written
                    </span>
                  </li>
                ))}
              </ul>
            </Panel>
          </div>
        </div>
      )}
    </QueryView>
  );
}

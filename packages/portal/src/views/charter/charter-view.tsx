import type { ControlResponse } from "@federation/core";
import { useEffect } from "preact/hooks";
import { useApp } from "../../app/app.ts";
import type { ViewProps } from "../../app/view-props.ts";
import { CommandButton } from "../../command/command-button.tsx";
import { hrefOf } from "../../routing/route.ts";
import { Icon } from "../../ui/icon.tsx";
import { Markdown } from "../../ui/markdown.tsx";
import { Badge, Facts, Panel, Tabs } from "../../ui/parts.tsx";
import { QueryView } from "../../ui/query-view.tsx";
import { At } from "../../ui/time.tsx";
import { Line } from "../../ui/words.tsx";
import { CharterVersions } from "./charter-versions.tsx";
import { VerdictTable } from "./verdict-table.tsx";

type Charter = ControlResponse<"ShowCharter">;

const tabs = { articles: "Articles", versions: "Versions", refusals: "Refusals", verdicts: "All verdicts" } as const;
type Tab = keyof typeof tabs;
const names: readonly Tab[] = ["articles", "versions", "refusals", "verdicts"];

export function CharterView({ id, params }: ViewProps) {
  const now = names.find((it) => it === params["tab"]) ?? "articles";
  return (
    <div class="stack-wide">
      <div class="spread">
        <h1>Charter</h1>
        <CharterActions />
      </div>
      <Tabs
        label="Of the charter"
        now={now}
        tabs={names.map((name) => ({
          name,
          title: tabs[name],
          href: hrefOf("charter", undefined, { tab: name === "articles" ? undefined : name }),
        }))}
      />
      {now === "articles" ? (
        <QueryView name="ShowCharter" request={{}}>
          {(charter) => <Articles charter={charter} open={id} />}
        </QueryView>
      ) : now === "versions" ? (
        <CharterVersions />
      ) : (
        <>
          <Panel title={now === "refusals" ? "What was refused" : "What the law decided"} flush>
            <VerdictTable request={{ refused: now === "refusals", limit: 300 }} />
          </Panel>
          <Audit />
        </>
      )}
    </div>
  );
}

function CharterActions() {
  const { home } = useApp();
  return (
    <QueryView name="ShowCharter" request={{}}>
      {({ version, how }) => (
        <div class="row">
          <span class="faint">
            version {version},{" "}
            {how === "shipped" ? "as it was shipped" : how === "vote" ? "by vote" : "by the commander"}
          </span>
          {home.editor === undefined ? null : (
            <button
              type="button"
              class="button"
              onClick={() => home.editor?.openDocument({ kind: "charter", id: String(version) })}
            >
              <Icon name="file" size={14} /> Open as a document
            </button>
          )}
          {version === 0 ? (
            <>
              <CommandButton name="RatifyCharter" icon="vote">
                Put to the vote
              </CommandButton>
              <CommandButton name="AdoptCharter">Adopt</CommandButton>
            </>
          ) : null}
          <CommandButton name="ProposeAmendment" icon="gavel" tone="primary">
            Propose an amendment
          </CommandButton>
        </div>
      )}
    </QueryView>
  );
}

function Articles({ charter, open }: { readonly charter: Charter; readonly open: string | undefined }) {
  // A link to an article leads to where it stands among the others.
  useEffect(() => {
    if (open !== undefined) document.getElementById(`article-${open}`)?.scrollIntoView({ block: "start" });
  }, [open]);
  return (
    <div class="stack">
      {charter.articles.map((article) => {
        const parameters = Object.entries(charter.parameters[article.id] ?? {});
        const off = charter.off.includes(article.id);
        return (
          <details key={article.id} class="panel article" open={article.id === open} id={`article-${article.id}`}>
            <summary>
              <span class="grow">
                <strong>{article.title}</strong>
                <span class="faint mono"> {article.id}</span>
                <span class="soft article-principle">{article.principle}</span>
              </span>
              <span class="row">
                {off ? <Badge tone="bad">not in force</Badge> : null}
                {article.entrenched ? <Badge tone="accent">entrenched</Badge> : null}
                {article.optional ? <Badge>optional</Badge> : null}
              </span>
            </summary>
            <div class="panel-body stack">
              <Markdown of={article.text} />
              <div class="soft">
                <Markdown of={article.rationale} />
              </div>
              {parameters.length === 0 ? null : (
                <Facts
                  of={parameters.map(
                    ([name, value]) =>
                      [
                        name,
                        <code key={name}>
                          <Line of={JSON.stringify(value)} max={1_000} />
                        </code>,
                      ] as const,
                  )}
                />
              )}
              <div class="row">
                <CommandButton
                  name="ProposeAmendment"
                  given={{ change: { change: "set_parameter", article: article.id } }}
                  icon="gavel"
                >
                  Propose a change
                </CommandButton>
              </div>
            </div>
          </details>
        );
      })}
      {charter.advisories.length === 0 ? null : (
        <Panel title="Advice">
          <ul class="stack">
            {charter.advisories.map((it) => (
              <li key={it.id}>
                <strong>
                  <Line of={it.title} />
                </strong>
                <Markdown of={it.text} />
              </li>
            ))}
          </ul>
        </Panel>
      )}
      <p class="faint">
        adopted <At time={charter.adoptedAt} /> by {charter.adoptedBy} ·{" "}
        <span class="mono">{charter.sha256.slice(0, 16)}</span>
      </p>
    </div>
  );
}

function Audit() {
  return (
    <Panel title="The chain of seals">
      <QueryView name="AuditVerdicts" request={{}}>
        {(audit) => <Facts of={Object.entries(audit).map(([name, value]) => [name, String(value)] as const)} />}
      </QueryView>
    </Panel>
  );
}

import { useApp } from "../../app/app.ts";
import { hrefOf } from "../../routing/route.ts";
import { ActorName } from "../../ui/actor.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Markdown } from "../../ui/markdown.tsx";
import { Badge, Id } from "../../ui/parts.tsx";
import { Line, Words } from "../../ui/words.tsx";
import type { TaskRecord } from "../missions/records.ts";

/** What was handed in: words, files, what they rest on, and what the reviewer said. */
export function Submission({ of }: { readonly of: NonNullable<TaskRecord["submission"]> }) {
  const { home } = useApp();
  return (
    <div class="stack">
      <div class="row">
        <ActorName name={of.author} />
        <Badge tone={of.state === "accepted" ? "good" : of.state === "rejected" ? "bad" : "warn"}>{of.state}</Badge>
        {of.commit === null ? null : (
          <span class="row-tight">
            <Icon name="commit" size={14} /> <Id of={of.commit} what="commit" />
            {home.editor === undefined ? null : (
              <button type="button" class="button quiet" onClick={() => home.editor?.showCommit(of.commit ?? "")}>
                Show its changes
              </button>
            )}
          </span>
        )}
      </div>
      <Markdown of={of.summary} />
      {of.evidence.length === 0 ? null : (
        <p class="row">
          <span class="faint">rests on</span>
          {of.evidence.map((it) => (
            <Evidence key={it} of={it} />
          ))}
        </p>
      )}
      {of.files.map((file) => (
        <details key={file.path} class="file">
          <summary class="mono">
            <Line of={file.path} />
          </summary>
          <div class="file-content mono">
            <Words of={file.content} first={10_000} />
          </div>
        </details>
      ))}
      {of.reviewer === null ? null : (
        <blockquote>
          <p class="row-tight">
            <ActorName name={of.reviewer} /> <span class="faint">reviewed it</span>
          </p>
          <Markdown of={of.reason ?? ""} />
        </blockquote>
      )}
    </div>
  );
}

function Evidence({ of }: { readonly of: string }) {
  const [kind = "", id = ""] = of.split(/:(.*)/s);
  if (kind === "proposal") return <a href={hrefOf("proposals", id)}>a proposal</a>;
  if (kind === "message") return <a href={hrefOf("messages", id)}>a message</a>;
  return (
    <code>
      <Line of={of} max={60} />
    </code>
  );
}

/** Completion of what names something: actors by their names, tasks and proposals by what they are called. */
import type { ControlName, ControlResponse } from "@federation/core";
import type { ControlArguments } from "@federation/mcp/client/web";
import { useId } from "preact/hooks";
import { useApp } from "../app/app.ts";
import { plainly } from "../text/plain.ts";
import { Failed, useQuery } from "../ui/query-view.tsx";
import type { Names } from "./form-model.ts";

export interface InputProps {
  readonly id: string;
  readonly value: unknown;
  readonly required: boolean;
  readonly describedBy: string | undefined;
  /** Where no label stands beside it. */
  readonly label?: string | undefined;
  readonly onChange: (value: unknown) => void;
}

interface Candidate {
  readonly value: string;
  readonly label: string;
}

const maxLabel = 120;

export function EntityInput({ names, ...props }: InputProps & { readonly names: Names }) {
  switch (names) {
    case "actor":
      return <ActorInput {...props} />;
    case "task":
      return (
        <FromQuery
          {...props}
          name="ListTasks"
          request={{ limit: 200 }}
          read={({ tasks }) => tasks.map((it) => ({ value: it.id, label: `${it.title} (${it.state})` }))}
        />
      );
    case "proposal":
      return (
        <FromQuery
          {...props}
          name="ListProposals"
          request={{ limit: 200 }}
          read={({ proposals }) => proposals.map((it) => ({ value: it.id, label: `${it.title} (${it.state})` }))}
        />
      );
    case "mission":
      return (
        <FromQuery
          {...props}
          name="ListMissions"
          request={{ limit: 200 }}
          read={({ missions }) => missions.map((it) => ({ value: it.id, label: `${it.objective} (${it.phase})` }))}
        />
      );
    case "conversation":
      return (
        <FromQuery
          {...props}
          name="ListConversations"
          request={{ limit: 200 }}
          read={({ conversations }) => conversations.map((it) => ({ value: it.id, label: `${it.title} (${it.kind})` }))}
        />
      );
    case "message":
      return (
        <FromQuery
          {...props}
          name="ListInbox"
          request={{ due: false, limit: 100 }}
          read={({ items }) => items.map((it) => ({ value: it.id, label: `${it.sender}: ${it.text}` }))}
        />
      );
    case "approval":
      return (
        <FromQuery
          {...props}
          name="ListApprovals"
          request={{ limit: 100 }}
          read={({ approvals }) => approvals.map((it) => ({ value: it.id, label: `${it.askedBy}: ${it.question}` }))}
        />
      );
    case "token":
      return (
        <FromQuery
          {...props}
          name="ListTokens"
          request={{ actor: "all" }}
          read={({ tokens }) => tokens.map((it) => ({ value: it.id, label: `${it.actor} ${it.label}` }))}
        />
      );
    case "page":
      return (
        <FromQuery
          {...props}
          name="ListPageSessions"
          request={{}}
          read={({ sessions }) => sessions.map((it) => ({ value: it.id, label: `${it.actor}, ${it.origin}` }))}
        />
      );
    case "article":
      return <ArticleInput {...props} />;
  }
}

function ActorInput(props: InputProps) {
  const { roster } = useApp();
  return <Suggested {...props} of={roster.value.map((it) => ({ value: it.actor, label: it.role }))} />;
}

/** An amendment may name one that is not there yet. */
function ArticleInput(props: InputProps) {
  const { data } = useQuery("ShowCharter", {});
  const all = data === undefined ? [] : [...data.articles, ...data.advisories];
  return <Suggested {...props} of={all.map((it) => ({ value: it.id, label: it.title }))} />;
}

function Suggested({ of, ...props }: InputProps & { readonly of: readonly Candidate[] }) {
  const list = useId();
  return (
    <>
      <input
        id={props.id}
        list={list}
        value={typeof props.value === "string" ? props.value : ""}
        required={props.required}
        aria-describedby={props.describedBy}
        aria-label={props.label}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => props.onChange(event.currentTarget.value)}
      />
      <datalist id={list}>
        {of.map((it) => (
          <option key={it.value} value={it.value}>
            {plainly(it.label, maxLabel)}
          </option>
        ))}
      </datalist>
    </>
  );
}

function FromQuery<N extends ControlName>(
  props: InputProps & {
    readonly name: N;
    readonly request: ControlArguments<N>;
    readonly read: (answer: ControlResponse<N>) => readonly Candidate[];
  },
) {
  const { data, error, refresh } = useQuery(props.name, props.request);
  if (data === undefined && error !== undefined) return <Failed error={error} onRetry={refresh} />;
  const found = data === undefined ? [] : props.read(data);
  const value = typeof props.value === "string" ? props.value : "";
  const known = value === "" || found.some((it) => it.value === value);
  return (
    <select
      id={props.id}
      value={value}
      required={props.required}
      aria-describedby={props.describedBy}
      aria-label={props.label}
      onChange={(event) => props.onChange(event.currentTarget.value === "" ? undefined : event.currentTarget.value)}
    >
      <option value="">{data === undefined ? "loading…" : found.length === 0 ? "there is none" : "none"}</option>
      {known ? null : <option value={value}>{value}</option>}
      {found.map((it) => (
        <option key={it.value} value={it.value}>
          {plainly(it.label, maxLabel)}
        </option>
      ))}
    </select>
  );
}

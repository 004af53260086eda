/** Completion of what names something: actors by their names, tasks and proposals by what they are called. */
import type { ControlName, ControlResponse } from "@federation/core";
import type { ControlArguments } from "@federation/mcp/client/web";
import { useId } from "preact/hooks";
import { useApp } from "../app/app.ts";
import { useQuery } from "../ui/query-view.tsx";
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
      return (
        <FromQuery
          {...props}
          name="ShowCharter"
          request={{}}
          read={({ articles }) => articles.map((it) => ({ value: it.id, label: it.title }))}
        />
      );
  }
}

function ActorInput({ id, value, required, describedBy, label, onChange }: InputProps) {
  const list = useId();
  const { roster } = useApp();
  return (
    <>
      <input
        id={id}
        list={list}
        value={typeof value === "string" ? value : ""}
        required={required}
        aria-describedby={describedBy}
        aria-label={label}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <datalist id={list}>
        {roster.value.map((it) => (
          <option key={it.actor} value={it.actor}>
            {it.role}
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
  const { data } = useQuery(props.name, props.request);
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
          {it.label.slice(0, 120)}
        </option>
      ))}
    </select>
  );
}

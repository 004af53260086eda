/** A query and what is drawn of its answer: while it is asked for, when it fails, when there is nothing, and the answer. */
import { type ControlName, type ControlResponse, errorCodes, type MeshError } from "@federation/core";
import type { ControlArguments } from "@federation/mcp/client/web";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { useApp } from "../app/app.ts";
import type { QueryState } from "../data/queries.ts";
import { Icon } from "./icon.tsx";
import { Empty } from "./parts.tsx";
import { Revealed } from "./words.tsx";

export function useQuery<N extends ControlName>(
  name: N,
  request: ControlArguments<N>,
  everyMs?: number,
): QueryState<ControlResponse<N>> & { readonly refresh: () => void } {
  const { queries } = useApp();
  const query = queries.of(name, request);
  useEffect(() => query.hold(everyMs), [query, everyMs]);
  return { ...query.state.value, refresh: query.refresh };
}

export function QueryView<N extends ControlName>(props: {
  readonly name: N;
  readonly request: ControlArguments<N>;
  /** Also asked without an event, for what changes with time. */
  readonly everyMs?: number;
  readonly empty?: (answer: ControlResponse<N>) => ComponentChildren;
  readonly children: (answer: ControlResponse<N>) => ComponentChildren;
}) {
  const { data, error, refresh } = useQuery(props.name, props.request, props.everyMs);
  if (data === undefined) return error === undefined ? <Loading /> : <Failed error={error} onRetry={refresh} />;
  const nothing = props.empty?.(data) ?? null;
  return (
    <>
      {error === undefined ? null : <Failed error={error} onRetry={refresh} stale />}
      {nothing === null ? props.children(data) : nothing}
    </>
  );
}

/** Until there is a roster for the first time: that it is asked for, or why it is not there. */
export function RosterToCome() {
  return (
    <QueryView name="ListRoster" request={{}}>
      {() => <Loading />}
    </QueryView>
  );
}

export function Loading() {
  return (
    <div class="loading" role="status">
      <span class="visually-hidden">Loading</span>
      <div class="bone" />
      <div class="bone" />
      <div class="bone" />
    </div>
  );
}

export function Failed({
  error,
  onRetry,
  stale = false,
}: {
  readonly error: MeshError;
  readonly onRetry: () => void;
  readonly stale?: boolean;
}) {
  const gone = error.code === "not_found";
  if (gone && !stale)
    return (
      <Empty icon="search" title="This is not here">
        <Revealed text={error.message} />
      </Empty>
    );
  return (
    <div class="failed" role="alert">
      <Icon name="warn" />
      <div class="grow">
        <p>
          <Revealed text={error.message} />
        </p>
        <p class="soft">
          {errorCodes[error.code]}
          {stale ? " What is shown is from before." : ""}
        </p>
      </div>
      <button type="button" class="button" onClick={onRetry}>
        Ask again
      </button>
    </div>
  );
}

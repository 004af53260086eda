import { useApp } from "../../app/app.ts";
import type { ViewProps } from "../../app/view-props.ts";
import { hrefOf } from "../../routing/route.ts";
import { Panel } from "../../ui/parts.tsx";
import { OneTurn } from "./one-turn.tsx";
import { TurnTable } from "./turn-table.tsx";

export function TurnsView({ id, params }: ViewProps) {
  const { roster, go } = useApp();
  if (id !== undefined) return <OneTurn id={id} />;
  const actor = params["actor"];
  return (
    <div class="stack-wide">
      <div class="spread">
        <h1>Turns</h1>
        <select
          aria-label="Actor"
          value={actor ?? ""}
          onChange={({ currentTarget }) => go(hrefOf("turns", undefined, { actor: currentTarget.value }))}
        >
          <option value="">every actor</option>
          {roster.value.map((it) => (
            <option key={it.actor} value={it.actor}>
              {it.actor}
            </option>
          ))}
        </select>
      </div>
      <p class="soft">
        One decision of a model each: what it was shown, what was lawful, what it chose, and who decided.
      </p>
      <Panel title="Latest" flush>
        <TurnTable request={{ limit: 200, ...(actor === undefined ? {} : { actor }) }} />
      </Panel>
    </div>
  );
}

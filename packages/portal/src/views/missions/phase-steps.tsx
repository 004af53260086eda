import type { MissionView, Phase } from "@federation/core";
import { Icon } from "../../ui/icon.tsx";
import { useQuery } from "../../ui/query-view.tsx";
import { spanText } from "../../ui/time.tsx";

/** The way a mission of each kind goes, when nothing sends it back. */
const regular: Readonly<Record<MissionView["kind"], readonly Phase[]>> = {
  mission: ["propose", "critique", "vote", "assign", "implement", "review", "synthesise", "closed"],
  motion: ["critique", "vote", "veto", "closed"],
  errand: ["assign", "implement", "review", "closed"],
  assembly: [],
};

/** Where a mission is on its way, and how long it was in what lies behind it. */
export function PhaseSteps({ mission }: { readonly mission: MissionView }) {
  const { data } = useQuery("ReportMission", { mission: mission.id });
  const steps = regular[mission.kind];
  const at = steps.indexOf(mission.phase);
  // An answer from before the mission moved on does not say what was left out.
  const current = data?.phases.some((it) => it.name === mission.phase) === true;
  return (
    <ol class="phases" aria-label="Phases">
      {steps.map((phase, index) => {
        const entries = data?.phases.filter((it) => it.name === phase) ?? [];
        const ms = entries.reduce(
          (sum, it) => sum + (it.leftAt === null ? 0 : Date.parse(it.leftAt) - Date.parse(it.enteredAt)),
          0,
        );
        const been = entries.length > 0;
        const state = index === at ? "now" : at <= index && !been ? "ahead" : been || !current ? "done" : "skipped";
        return (
          <li key={phase} class={`phase ${state}`} aria-current={index === at ? "step" : undefined}>
            <span class="phase-dot" aria-hidden="true">
              {state === "done" ? <Icon name="check" size={12} /> : index + 1}
            </span>
            <span class="phase-name">{phase}</span>
            <span class="faint number">
              {entries.length > 1 ? `${entries.length}× ` : ""}
              {ms > 0 ? spanText(ms) : state === "skipped" ? "skipped" : ""}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

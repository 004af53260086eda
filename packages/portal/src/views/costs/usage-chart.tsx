/** Tokens over time, by actor, each in its colour. */
import type { ControlResponse } from "@federation/core";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { ActorName, useActor } from "../../ui/actor.tsx";

type Usage = ControlResponse<"GetUsage">;

const height = 170;
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" });

export function UsageChart({ usage }: { readonly usage: Usage }) {
  const ground = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const names = usage.actors.map((it) => it.actor).join();
  useEffect(() => {
    const element = ground.current;
    if (element === null) return;
    const style = getComputedStyle(element);
    const ink = style.getPropertyValue("color");
    const line = style.getPropertyValue("border-color");
    const made = new uPlot(
      {
        width: element.clientWidth,
        height,
        legend: { show: false },
        cursor: { y: false },
        series: [{}, ...usage.actors.map((it) => seriesOf(it.actor, element))],
        axes: [
          {
            stroke: ink,
            grid: { stroke: line, width: 1 },
            ticks: { show: false },
            values: (_, splits) => splits.map((s) => clock.format(s * 1_000)),
          },
          { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { show: false }, size: 56 },
        ],
      },
      dataOf(usage),
      element,
    );
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
    };
  }, [names]);
  useEffect(() => plot.current?.setData(dataOf(usage)), [usage]);
  const total = usage.actors.reduce((sum, it) => sum + it.tokensOut.reduce((a, b) => a + b, 0), 0);
  return (
    <figure class="chart">
      <div ref={ground} class="chart-ground" role="img" aria-label={`${total} tokens were written in the time shown`} />
      <figcaption class="row">
        {usage.actors.length === 0 ? <span class="soft">Nobody wrote anything in this time.</span> : null}
        {usage.actors.map((it) => (
          <Legend key={it.actor} actor={it.actor} tokens={it.tokensOut.reduce((a, b) => a + b, 0)} />
        ))}
      </figcaption>
    </figure>
  );
}

function Legend({ actor, tokens }: { readonly actor: string; readonly tokens: number }) {
  const { colour } = useActor(actor);
  return (
    <span class="row-tight">
      <span class="legend" data-colour-of={actor} style={{ background: colour }} aria-hidden="true" />
      <ActorName name={actor} />
      <span class="faint number">{tokens.toLocaleString("en")}</span>
    </span>
  );
}

/** A canvas knows no variables: what the legend's swatch came out as is the line's colour too. */
function seriesOf(actor: string, element: HTMLElement): uPlot.Series {
  const colour = (): string => {
    const swatch = element.parentElement?.querySelector(`[data-colour-of="${CSS.escape(actor)}"]`);
    return swatch === null || swatch === undefined ? "gray" : getComputedStyle(swatch).backgroundColor;
  };
  return { label: actor, stroke: colour, width: 2, points: { show: false } };
}

function dataOf(usage: Usage): uPlot.AlignedData {
  const from = Date.parse(usage.from) / 1_000;
  const steps = usage.actors[0]?.tokensOut.length ?? 0;
  const times = Array.from({ length: steps }, (_, n) => from + (n * usage.stepMs) / 1_000);
  return [times, ...usage.actors.map((it) => it.tokensOut)];
}

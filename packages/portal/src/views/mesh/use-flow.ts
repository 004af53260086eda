/**
 * Messages on their way, as points that go from who sent them through the broker to whom they are for.
 *
 * 1. Calm: so many at a time, however much is said.
 * 2. Nothing moves for who asked for less motion, nor in a page that nobody sees.
 */
import { actorColour, type MeshEvent } from "@federation/core";
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import { useApp } from "../../app/app.ts";
import type { MeshLayout } from "./layout.ts";

const maxFlying = 24;
const flightMs = 1_100;
const svg = "http://www.w3.org/2000/svg";

export function useFlow(layer: RefObject<SVGGElement | null>, layout: MeshLayout): void {
  const { log, roster } = useApp();
  useEffect(() => {
    const calm = matchMedia("(prefers-reduced-motion: reduce)");
    const placeOf = (actor: string) => layout.places.find((it) => it.actor === actor);

    function fly(event: MeshEvent): void {
      const from = event.actor === null ? undefined : placeOf(event.actor);
      const ground = layer.current;
      if (from === undefined || ground === null) return;
      const to = event.data["to"];
      const targets =
        to === "all" || typeof to !== "string" ? layout.places.filter((it) => it !== from) : [placeOf(to)];
      const ordinal = roster.peek().find((it) => it.actor === from.actor)?.ordinal;
      for (const target of targets) {
        if (target === undefined || ground.childElementCount >= maxFlying) continue;
        const point = document.createElementNS(svg, "circle");
        point.setAttribute("r", "4");
        point.setAttribute("class", "flight");
        point.style.setProperty("--actor", `var(--actor-${actorColour(from.actor, ordinal)})`);
        ground.append(point);
        const at = (x: number, y: number) => `translate(${x}px, ${y}px)`;
        const flight = point.animate(
          [
            { transform: at(from.x, from.y), opacity: 0 },
            { transform: at(from.x * 0.5, from.y * 0.5), opacity: 1, offset: 0.2 },
            { transform: at(0, 0), opacity: 1, offset: 0.5 },
            { transform: at(target.x, target.y), opacity: 0 },
          ],
          { duration: flightMs, easing: "ease-in-out" },
        );
        flight.finished.catch(() => {}).finally(() => point.remove());
      }
    }

    return log.onEvents((events) => {
      if (calm.matches || document.visibilityState !== "visible") return;
      for (const event of events.slice(-maxFlying)) if (event.kind === "MessageSent") fly(event);
    });
  }, [layer, layout, log, roster]);
}

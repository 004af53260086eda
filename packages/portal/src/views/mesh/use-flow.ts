/**
 * Messages on their way, as points that go from who sent them through the broker to whom they are for.
 *
 * 1. Calm: so many at a time, however much is said.
 * 2. Nothing moves for who asked for less motion, nor in a page that nobody sees.
 * 3. They are drawn on a canvas of their own: what lies above and below them is not drawn again for it.
 */
import { actorColour, type MeshEvent } from "@federation/core";
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import { useApp } from "../../app/app.ts";
import { type Flight, spotAt } from "./flights.ts";
import type { MeshLayout } from "./layout.ts";

const maxFlying = 24;
const radius = 4;

export function useFlow(canvas: RefObject<HTMLCanvasElement | null>, layout: MeshLayout): void {
  const { log, roster } = useApp();
  useEffect(() => {
    const calm = matchMedia("(prefers-reduced-motion: reduce)");
    const placeOf = (actor: string) => layout.places.find((it) => it.actor === actor);
    let flying: (Flight & { readonly colour: string })[] = [];
    let picture: number | undefined;

    function fly(event: MeshEvent): void {
      const from = event.actor === null ? undefined : placeOf(event.actor);
      const ground = canvas.current;
      if (from === undefined || ground === null) return;
      const to = event.data["to"];
      const targets =
        to === "all" || typeof to !== "string" ? layout.places.filter((it) => it !== from) : [placeOf(to)];
      const ordinal = roster.peek().find((it) => it.actor === from.actor)?.ordinal;
      for (const target of targets) {
        if (target === undefined || flying.length >= maxFlying) continue;
        const colour = colourOn(ground, `var(--actor-${actorColour(from.actor, ordinal)})`);
        flying.push({ from, to: target, startMs: performance.now(), colour });
      }
    }

    function draw(nowMs: number): void {
      const ground = canvas.current;
      const context = ground?.getContext("2d");
      if (ground === null || context === null || context === undefined) return;
      const { clientWidth, clientHeight } = ground;
      const sharp = devicePixelRatio;
      const [width, height] = [Math.round(clientWidth * sharp), Math.round(clientHeight * sharp)];
      if (ground.width !== width || ground.height !== height) Object.assign(ground, { width, height });
      context.resetTransform();
      context.clearRect(0, 0, width, height);
      // As the pictures above and below are laid into the same box.
      const scale = Math.min(width / layout.width, height / layout.height);
      context.translate(width / 2, height / 2);
      context.scale(scale, scale);
      flying = flying.filter((flight) => {
        const spot = spotAt(flight, nowMs);
        if (spot === undefined) return false;
        context.globalAlpha = spot.opacity;
        context.fillStyle = flight.colour;
        context.beginPath();
        context.arc(spot.x, spot.y, radius, 0, 2 * Math.PI);
        context.fill();
        return true;
      });
      picture = flying.length === 0 ? undefined : requestAnimationFrame(draw);
    }

    const stop = log.onEvents((events) => {
      if (calm.matches || document.visibilityState !== "visible") return;
      for (const event of events.slice(-maxFlying)) if (event.kind === "MessageSent") fly(event);
      if (flying.length > 0) picture ??= requestAnimationFrame(draw);
    });
    return () => {
      stop();
      if (picture !== undefined) cancelAnimationFrame(picture);
    };
  }, [canvas, layout, log, roster]);
}

/** A canvas knows no variables: it is told what one is, in the theme of now. */
function colourOn(element: HTMLElement, value: string): string {
  element.style.color = value;
  return getComputedStyle(element).color;
}

/** An actor, the same everywhere: its colour, a monogram in the shape of its role, and its name. */
import { actorColour, type Role } from "@federation/core";
import { useApp } from "../app/app.ts";
import { hrefOf } from "../routing/route.ts";
import { Line } from "./words.tsx";

export function useActor(name: string) {
  const entry = useApp().roster.value.find((it) => it.actor === name);
  return { entry, colour: `var(--actor-${actorColour(name, entry?.ordinal)})` };
}

/** Two or three letters by which one tells it apart without its colour: of a number up to 99 all digits. */
export function monogram(name: string): string {
  const [first = "", second = ""] = name.split("-").filter((it) => it !== "");
  const rest = /^\d{1,2}$/.test(second) ? second : second.charAt(0) || first.charAt(1);
  return `${first.charAt(0)}${rest}`.toUpperCase();
}

export function ActorMark({ name, size = 20 }: { readonly name: string; readonly size?: number }) {
  const { entry, colour } = useActor(name);
  const shape: Role | "system" = entry?.role ?? "system";
  const letters = monogram(name);
  const long = letters.length > 2 ? " long" : "";
  return (
    <span
      class={`actor-mark shape-${shape}${long}`}
      style={{ "--actor": colour, "--mark": `${size}px` }}
      aria-hidden="true"
    >
      {letters}
    </span>
  );
}

export function ActorName({ name, link = true }: { readonly name: string; readonly link?: boolean }) {
  const { entry, colour } = useActor(name);
  const inside = (
    <>
      <ActorMark name={name} />
      <span class="actor-name" style={{ color: colour }}>
        <Line of={name} max={64} />
      </span>
    </>
  );
  if (!link || entry === undefined) return <span class="actor">{inside}</span>;
  return (
    <a class="actor" href={hrefOf("actors", name)}>
      {inside}
    </a>
  );
}

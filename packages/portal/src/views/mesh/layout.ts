/**
 * Where actors stand in the picture of the mesh: around the broker, so that each has room. Pure: the same actors stand at
 * the same places in every page.
 */
import { forceCollide, forceManyBody, forceRadial, forceSimulation, type SimulationNodeDatum } from "d3-force";

export interface Place {
  readonly actor: string;
  readonly x: number;
  readonly y: number;
  /** Where the name stands beside the mark: where many are, away from the middle. */
  readonly name: "below" | "above" | "left" | "right";
}

export interface MeshLayout {
  readonly places: readonly Place[];
  /** Radius of an actor's mark. */
  readonly mark: number;
  /** So many letters of a name have room. */
  readonly letters: number;
  readonly width: number;
  readonly height: number;
}

interface Body extends SimulationNodeDatum {
  readonly actor: string;
  readonly ring: number;
}

/** Wider than high, as screens are; or not, where there is no room for that. */
const stretchOf = { wide: 1.55, narrow: 1.05 } as const;
export type Shape = keyof typeof stretchOf;
const ticks = 60;
/** Names are drawn beside and below a mark. */
const margin = { x: 76, y: 64 };
/** From so many on a name stands away from the middle, and nothing more is said in the picture. */
const many = 25;

export function layOut(
  actors: readonly { readonly actor: string; readonly kind: string }[],
  shape: Shape = "wide",
): MeshLayout {
  const stretch = stretchOf[shape];
  const count = actors.length;
  const mark = count <= 12 ? 26 : count < many ? 18 : 12;
  const room = mark * (count < many ? 3.1 : 2.9);
  // People and visitors stand closer to the middle, where there are many.
  const outer = Math.max(150, (count * room) / (2 * Math.PI));
  const ringOf = (kind: string): number => (count > 16 && kind !== "agent" ? outer * 0.55 : outer);
  const bodies = actors.map(({ actor, kind }, index): Body => {
    const angle = (2 * Math.PI * index) / Math.max(1, count) - Math.PI / 2;
    const ring = ringOf(kind);
    return { actor, ring, x: Math.cos(angle) * ring, y: Math.sin(angle) * ring };
  });
  forceSimulation(bodies)
    .force("ring", forceRadial<Body>((body) => body.ring, 0, 0).strength(0.9))
    .force("apart", forceManyBody<Body>().strength(-mark * 6))
    .force("room", forceCollide<Body>(room / 2))
    .stop()
    .tick(ticks);
  const places = bodies.map(
    ({ actor, x = 0, y = 0 }): Place => ({
      actor,
      x: Math.round(x * stretch),
      y: Math.round(y),
      name: count < many ? "below" : outward(x, y),
    }),
  );
  const far = (pick: (place: Place) => number): number => Math.max(110, ...places.map((it) => Math.abs(pick(it))));
  return {
    places,
    mark,
    letters: count < many ? 20 : 12,
    width: 2 * (far((it) => it.x) + margin.x),
    height: 2 * (far((it) => it.y) + margin.y),
  };
}

function outward(x: number, y: number): Place["name"] {
  if (Math.abs(x) > Math.abs(y) * 0.5) return x < 0 ? "left" : "right";
  return y < 0 ? "above" : "below";
}

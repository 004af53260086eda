import { actorColour } from "@federation/core";
import type { createColors } from "picocolors";

type Colours = ReturnType<typeof createColors>;
export type Colouring = (actor: string) => (text: string) => string;

/** Actor → how many were registered before it, as the roster tells; filled by whoever asks for the roster. */
export type Ordinals = ReadonlyMap<string, number>;

/** One colour per actor, the same as in the portal; its page has the same ten hues in this order. */
export function createActorColours(colours: Colours, ordinals: Ordinals): Colouring {
  const palette = [
    colours.cyan,
    colours.magenta,
    colours.yellow,
    colours.green,
    colours.blue,
    colours.cyanBright,
    colours.magentaBright,
    colours.yellowBright,
    colours.greenBright,
    colours.blueBright,
  ];
  return (actor) => palette[actorColour(actor, ordinals.get(actor))] ?? colours.white;
}

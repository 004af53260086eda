import type { createColors } from "picocolors";

type Colours = ReturnType<typeof createColors>;
export type Colouring = (actor: string) => (text: string) => string;

/**
 * One colour per actor. It comes from the name, so it is the same in every run; an actor whose colour another one
 * already has here takes the next free one, as long as there is one.
 */
export function createActorColours(colours: Colours): Colouring {
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
  const given = new Map<string, number>();
  return (actor) => {
    let index = given.get(actor) ?? hash(actor) % palette.length;
    if (!given.has(actor)) {
      const taken = new Set(given.values());
      for (let step = 0; taken.has(index) && step < palette.length; step++) index = (index + 1) % palette.length;
      given.set(actor, index);
    }
    return palette[index] ?? colours.white;
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value >>> 0;
}

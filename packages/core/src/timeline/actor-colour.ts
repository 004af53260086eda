/**
 * Which of ten colours is an actor's, the same in every home: the terminal, the page, the editor.
 *
 * 1. The first ten actors that a federation registered have one each, in that order, whoever comes or leaves later.
 * 2. Whose number is not known gets the one that its name says.
 */
export const ACTOR_COLOURS = 10;

/** @param ordinal how many actors were registered before it, as the roster tells. */
export function actorColour(name: string, ordinal?: number): number {
  return (ordinal ?? hash(name)) % ACTOR_COLOURS;
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value >>> 0;
}

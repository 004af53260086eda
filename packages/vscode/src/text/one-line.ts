/** Text of models and strangers on one line of the editor: cut, no link, and with what would hide or turn it shown by its name. */
import { reveal } from "@federation/portal/reveal";

export function oneLine(text: string, max = 120): string {
  const flat = text
    .slice(0, max * 4)
    .replace(/\s+/g, " ")
    .trim();
  const shown = reveal(flat)
    .map((it) => ("text" in it ? it.text : `[${it.mark}]`))
    .join("")
    // The editor makes links of `[label](command:…)`, in notices and prompts.
    .replaceAll("](", "] (");
  // Cut between characters, never inside of one.
  const characters = [...shown];
  return characters.length > max || text.length > max * 4 ? `${characters.slice(0, max - 1).join("")}…` : shown;
}

/** The same with its lines. */
export function revealed(text: string): string {
  return reveal(text)
    .map((it) => ("text" in it ? it.text : `[${it.mark}]`))
    .join("");
}

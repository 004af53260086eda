/** Untrusted text cut to what is shown at once: a text of a quarter of a megabyte is data, and no reason to stand still. */
export function cut(text: string, max: number): { readonly shown: string; readonly rest: number } {
  if (text.length <= max) return { shown: text, rest: 0 };
  // Not between the halves of a pair.
  const end = /[\uD800-\uDBFF]/.test(text.charAt(max - 1)) ? max - 1 : max;
  return { shown: text.slice(0, end), rest: text.length - end };
}

/**
 * Markdown as a tree, where that is harmless; otherwise none, and the text is shown as it is.
 *
 * 1. Parsers of Markdown take time that grows with the square of some texts. What would take long is told by its counts,
 *    before it is parsed: no document that somebody wrote to be read has so many marks in so little text.
 */
import type { Root } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmTable } from "micromark-extension-gfm-table";

const maxLength = 16_000;
const maxEmphasis = 800;
const maxBrackets = 1_200;
/** Quotes and lists that begin on one line, one inside of the other. Each blank has one place in it: it is read once. */
const nested = /^[ \t]*(?:(?:>|[-*+]|\d{1,9}[.)])[ \t]*){12}/m;
/** An item that stands so far in that it is as deep in others: each of its lines would be read through all of them. */
const farIn = /^(?=[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t])(?: {24}|(?: {0,3}\t){6})/m;

export function parseMarkdown(text: string): Root | undefined {
  if (text.length > maxLength || count(text, /[*_~]/g) > maxEmphasis || count(text, /[[\]()<]/g) > maxBrackets)
    return undefined;
  if (nested.test(text) || farIn.test(text)) return undefined;
  return fromMarkdown(text, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] });
}

function count(text: string, what: RegExp): number {
  return text.match(what)?.length ?? 0;
}

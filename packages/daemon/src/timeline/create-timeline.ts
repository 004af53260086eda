/**
 * Events as lines for people.
 *
 * 1. Pure: an event and what was shown before make a line, or none; who prints it is somebody else.
 * 2. Words that came with an act (a reason, a report) are a message too: the message is not shown when the act was.
 * 3. Whatever an event says passes `oneLine`: it is untrusted, and gets one line and no power over the terminal.
 */
import { type Description, describeEvent, type MeshEvent } from "@federation/core";
import { createColors } from "picocolors";
import { createActorColours, type Ordinals } from "./actor-colours.ts";
import { columnsOf, cutToColumns, oneLine, padToColumns } from "./plain-text.ts";

export interface TimelineOptions {
  readonly colours: boolean;
  /** Columns of the terminal; undefined: lines are not cut. */
  readonly columns: number | undefined;
  /** Also bookkeeping: duties, decisions, notices. */
  readonly details: boolean;
  /** By which actors have their colours; without it their names say them. */
  readonly ordinals?: Ordinals;
  /** IANA name; the machine's own when not given. */
  readonly timeZone?: string;
}

export interface Timeline {
  /** The line of an event, without a line end; undefined when it is not to be shown. */
  line(event: MeshEvent): string | undefined;
}

const narrowestActor = 9;
const widestActor = 20;

export function createTimeline(options: TimelineOptions): Timeline {
  const colours = createColors(options.colours);
  const colourOf = createActorColours(colours, options.ordinals ?? new Map());
  const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: options.timeZone });
  let actorColumns = narrowestActor;
  /** Actor → the words of its last act, until it says something else. */
  const wordsOfAct = new Map<string, string | undefined>();

  const tones: Readonly<Record<Description["tone"], (text: string) => string>> = {
    phase: colours.bold,
    good: colours.green,
    bad: colours.red,
    plain: (text) => text,
    quiet: colours.dim,
  };

  return {
    line(event) {
      const { tone, text, quote, detail } = describeEvent(event);
      if (detail === true && !options.details) return undefined;
      const actorKey = event.actor ?? "";
      const isMessage = event.kind === "MessageSent";
      if (isMessage && !options.details && repeats(quote, wordsOfAct.get(actorKey))) return undefined;
      wordsOfAct.set(actorKey, isMessage ? undefined : quote);
      const name = cutToColumns(oneLine(event.actor ?? ""), widestActor);
      actorColumns = Math.max(actorColumns, columnsOf(name));
      const time = timeOf(event.at, clock);
      const said = quote === undefined ? oneLine(text) : `${oneLine(text)}:`;
      const room = (options.columns ?? Number.POSITIVE_INFINITY) - time.length - actorColumns - 4;
      const head = cutToColumns(said, Math.max(room, narrowestActor));
      const left = room - columnsOf(said) - 1;
      const tail = quote === undefined || left < narrowestActor ? "" : ` ${cutToColumns(oneLine(quote), left)}`;
      const actor = padToColumns(name, actorColumns);
      return `${colours.dim(time)}  ${colourOf(name)(actor)}  ${tones[tone](head)}${tail}`.trimEnd();
    },
  };
}

/** The words of an act, alone or with a lead-in before them. */
function repeats(words: string | undefined, last: string | undefined): boolean {
  return words !== undefined && last !== undefined && last !== "" && words.endsWith(last);
}

function timeOf(at: string, clock: Intl.DateTimeFormat): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "--:--:--" : clock.format(date);
}

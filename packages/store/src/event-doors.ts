import { MeshError, type MeshEvent } from "@federation/core";
import type { EventFilter, Store } from "@federation/runtime/ports";
import { z } from "zod";

/** The event log. A cursor is the log's epoch and a position in it: of another history of the database it is refused. */
type EventDoors = Pick<Store, "events" | "eventsBefore" | "countEvents" | "eventEnd">;

interface Position {
  readonly xact: string;
  readonly id: string;
}

const positionSchema = z.object({ xact: z.string(), id: z.string() });
const eventSchema = positionSchema.extend({
  at: z.string(),
  kind: z.string(),
  actor: z.string().nullable(),
  conversation: z.string().nullable(),
  subject: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
});
const pageSchema = z.object({
  events: z.array(eventSchema),
  cursor: z.object({ xact: z.string().nullable(), id: z.string().nullable() }),
});
const countSchema = z.object({ count: z.number(), upTo: positionSchema });

/** Above the id of every event: the end of one transaction. */
const LAST_ID = "9223372036854775807";

export function eventDoors(
  door: (call: string, values: readonly unknown[]) => Promise<unknown>,
  logEpoch: () => string,
): EventDoors {
  const cursorAt = ({ xact, id }: Position): string => `${logEpoch()}.${xact}.${id}`;

  async function read(
    backwards: boolean,
    from: string | null,
    limit: number,
    filter: EventFilter,
    as: string | undefined,
  ): Promise<{ readonly events: readonly MeshEvent[]; readonly cursor: string | null }> {
    const at = positionOf(from, logEpoch());
    const { events, cursor } = pageSchema.parse(
      await door("federation.read_events($1::xid8, $2, $3, $4, $5, $6)", [
        at?.xact ?? null,
        at?.id ?? null,
        backwards,
        limit,
        JSON.stringify(filter),
        as ?? null,
      ]),
    );
    const { xact, id } = cursor;
    return {
      events: events.map(({ xact: inXact, id: withId, ...event }) => ({
        cursor: cursorAt({ xact: inXact, id: withId }),
        ...event,
      })),
      cursor: xact === null || id === null ? null : cursorAt({ xact, id }),
    };
  }

  return {
    async events(after, limit, filter = {}, as) {
      const { events, cursor } = await read(false, after, limit, filter, as);
      if (cursor === null) throw new MeshError("internal", "The log did not say where to go on.");
      return { events, cursor };
    },
    eventsBefore: (before, limit, filter = {}, as) => read(true, before, limit, filter, as),
    async countEvents({ after, upTo }, filter = {}, as) {
      const [from, to] = [positionOf(after, logEpoch()), positionOf(upTo, logEpoch())];
      const counted = countSchema.parse(
        await door("federation.count_events($1::xid8, $2, $3::xid8, $4, $5, $6)", [
          from?.xact ?? null,
          from?.id ?? null,
          to?.xact ?? null,
          to?.id ?? null,
          JSON.stringify(filter),
          as ?? null,
        ]),
      );
      return { count: counted.count, upTo: cursorAt(counted.upTo) };
    },
    async eventEnd() {
      return cursorAt({ xact: z.string().parse(await door("federation.events_end()", [])), id: LAST_ID });
    },
  };
}

/** A cursor of another log epoch belongs to another history and is refused. */
function positionOf(cursor: string | null, logEpoch: string): Position | null {
  if (cursor === null) return null;
  const [epoch, xact, id, ...rest] = cursor.split(".");
  if (
    epoch === undefined ||
    xact === undefined ||
    id === undefined ||
    rest.length > 0 ||
    !/^\d{1,20}$/.test(xact) ||
    !/^\d{1,19}$/.test(id)
  )
    throw new MeshError("invalid_input", "This is no event cursor; start without one.");
  if (epoch !== logEpoch)
    throw new MeshError("conflict", "This cursor belongs to another history of the database; start without one.");
  return { xact, id };
}

/** How far a message came: stored, sent, received, read, acted. */
import type { Delivery } from "@federation/core";
import { At } from "./time.tsx";
import { Line } from "./words.tsx";

const rungs = ["stored", "sent", "received", "read", "acted"] as const;

/** One delivery, rung by rung. */
export function DeliveryLadder({ of }: { readonly of: Delivery }) {
  const times = [of.storedAt, of.sentAt, of.receivedAt, of.readAt, of.actedAt];
  return (
    <ol class="ladder" aria-label={`Delivery to ${of.recipient}`}>
      {rungs.map((rung, index) => {
        const time = times[index] ?? null;
        return (
          <li key={rung} class={time === null ? "rung" : "rung reached"}>
            <span class="rung-dot" aria-hidden="true" />
            <span>{rung}</span>
            <span class="faint">{time === null ? "–" : <At time={time} />}</span>
          </li>
        );
      })}
      {of.state === "dead" ? (
        <li class="rung dead">
          <span class="rung-dot" aria-hidden="true" />
          <span>given up</span>
          <span class="faint">
            <Line of={of.lastError ?? ""} />
          </span>
        </li>
      ) : null}
    </ol>
  );
}

export interface Ladder {
  readonly recipients: number;
  readonly sent: number;
  readonly received: number;
  readonly read: number;
  readonly acted: number;
  readonly dead: number;
}

/** All deliveries of a message in a few marks. */
export function LadderMarks({ of }: { readonly of: Ladder }) {
  if (of.recipients === 0) return null;
  const reached = [of.recipients, of.sent, of.received, of.read, of.acted];
  const words = rungs.map((rung, index) => `${rung} ${reached[index]} of ${of.recipients}`).join(", ");
  const dead = of.dead === 0 ? "" : `, given up ${of.dead}`;
  return (
    <span class="ladder-marks" role="img" aria-label={`${words}${dead}`} title={`${words}${dead}`}>
      {rungs.map((rung, index) => {
        const share = (reached[index] ?? 0) / of.recipients;
        return <span key={rung} class="ladder-mark" style={{ "--share": String(share) }} />;
      })}
      {of.dead > 0 ? <span class="ladder-dead">{of.dead}✕</span> : null}
    </span>
  );
}

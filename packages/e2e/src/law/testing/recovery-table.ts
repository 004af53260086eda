/** What a stuck case waited for, and how long after that it went on and ended. Printed as a row of a table. */
export interface Recovery {
  readonly stuck: string;
  /** The lease, deadline or bound it waits for. */
  readonly waitsFor: string;
  readonly boundMs: number | null;
  /** From the end of the bound until somebody moved it on. */
  readonly movedAfterMs: number;
  readonly by: string;
  readonly ended: string;
}

const rows: Recovery[] = [];

export function record(row: Recovery): void {
  rows.push(row);
}

export function printRecoveries(): void {
  const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
  const lines = rows.map(
    (row) =>
      `| ${[row.stuck, row.waitsFor, row.boundMs === null ? "-" : seconds(row.boundMs), seconds(row.movedAfterMs), row.by, row.ended].join(" | ")} |`,
  );
  const head = "| stuck case | waits for | s | went on after it, s | moved by | ended |";
  process.stdout.write(`\n${[head, "|---|---|---|---|---|---|", ...lines].join("\n")}\n`);
}

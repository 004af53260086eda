/** "The code has changed", for fixtures: a file that an impl reads when it starts, instead of sources that differ. */
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const newCodeSchema = z.strictObject({
  fault: z
    .enum([
      "throws at import",
      "throws at start",
      "never becomes ready",
      "breaks a tool's schema",
      "answers no call",
      "answers with a secret",
      "refuses to resume",
      "exits at activate",
      "crashes after the switch",
    ])
    .optional(),
  afterMs: z.number().optional(),
  surface: z.string().optional(),
});
export type NewCode = z.infer<typeof newCodeSchema>;

/** Undefined where no code was written: then nothing is traced either. */
export function readNewCode(stateDir: string): NewCode | undefined {
  let text: string;
  try {
    text = readFileSync(join(stateDir, "code"), "utf8");
  } catch {
    return undefined;
  }
  const code = newCodeSchema.parse(JSON.parse(text));
  if (code.fault === "throws at import") throw new SyntaxError("Unexpected token: the fixture's file is broken.");
  return code;
}

export function writeNewCode(stateDir: string, code: NewCode): void {
  writeFileSync(join(stateDir, "code"), JSON.stringify(code));
}

/** One line of what impls did with the loops. */
export interface Traced {
  readonly ns: bigint;
  readonly impl: number;
  readonly what: string;
}

export function trace(stateDir: string, impl: number, what: string): void {
  appendFileSync(join(stateDir, "trace"), `${process.hrtime.bigint()} ${impl} ${what}\n`);
}

export function readTrace(stateDir: string): readonly Traced[] {
  let text = "";
  try {
    text = readFileSync(join(stateDir, "trace"), "utf8");
  } catch {
    // Nothing happened yet.
  }
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [ns = "0", impl, ...what] = line.split(" ");
      return { ns: BigInt(ns), impl: Number(impl), what: what.join(" ") };
    });
}

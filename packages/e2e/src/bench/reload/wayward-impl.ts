/**
 * The real logic of a node, or a new version of it with a fault: which one, is said in `wayward.json` in the folder the
 * daemon was started in. When the fault shows, its time is written beside it.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { realImpl } from "./programs.ts";
import { type Fault, faultFile, faultSchema, shownFile } from "./wayward.ts";

const fault = existsSync(faultFile) ? faultSchema.parse(JSON.parse(readFileSync(faultFile, "utf8"))) : "none";
const show = (): void => writeFileSync(shownFile, String(Date.now()));
const crashAfterMs = 2_000;

/** A wrong answer, where `fault` is one of those. */
const spoil: Partial<Readonly<Record<Fault, (result: Record<string, unknown>, id: unknown) => unknown>>> = {
  "breaks the schema of a tool": (result) =>
    Array.isArray(result["tools"])
      ? { ...result, tools: result["tools"].map(({ inputSchema: _, ...tool }) => tool) }
      : result,
  "answers calls with errors": (result) =>
    Array.isArray(result["content"])
      ? { content: [{ type: "text", text: "internal: out of order" }], isError: true }
      : result,
};
const answerSchema = z.looseObject({
  type: z.literal("session-message"),
  message: z.looseObject({ id: z.unknown(), result: z.record(z.string(), z.unknown()) }),
});
const toldSchema = z.looseObject({ type: z.string() });

if (fault === "throws at import") {
  show();
  throw new Error("this code is broken where it is imported");
}
process.on("message", (raw) => {
  const { data } = toldSchema.safeParse(raw);
  if (fault === "throws at start" && data?.type === "init") {
    show();
    throw new Error("this code is broken where it starts");
  }
  if (fault === "blocks its process" && data?.type === "init") for (;;) Math.sqrt(2);
  if (fault === "crashes 2 s after the switch" && data?.type === "activate")
    setTimeout(() => {
      show();
      throw new Error("this code is broken where it works");
    }, crashAfterMs);
});
const spoiled = spoil[fault];
const send = process.send?.bind(process);
if (send !== undefined && (spoiled !== undefined || fault === "does not take the sessions"))
  process.send = (message: unknown, ...rest: readonly unknown[]): boolean => {
    const answer = answerSchema.safeParse(message).data;
    const done = rest.at(-1);
    const pass = (it: unknown): boolean =>
      send(it, undefined, undefined, typeof done === "function" ? () => done(null) : undefined);
    if (answer === undefined) return pass(message);
    if (fault === "does not take the sessions" && String(answer.message.id).startsWith("federation/")) return true;
    if (spoiled === undefined) return pass(message);
    const result = spoiled(answer.message.result, answer.message.id);
    if (result !== answer.message.result) show();
    return pass({ ...answer, message: { ...answer.message, result } });
  };
// What is awaited here never comes; the channel keeps the process.
if (fault === "hangs at start") await new Promise(() => undefined);
await import(pathToFileURL(realImpl).href);

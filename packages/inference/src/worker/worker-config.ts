/** What the supervisor hands the worker, as one JSON argument. */
import { z } from "zod";
import { inferenceOptionsSchema } from "../options.ts";

export const resolvedModelSchema = z.strictObject({
  alias: z.string().min(1).max(1_024),
  /** Absolute path of the GGUF file. */
  path: z.string().min(1).max(4_096),
  style: z.enum(["sentences", "prose"]),
  choice: z.enum(["sentence_likelihood", "library_decision"]),
  /** 1 is none; generated tokens only. */
  repeatPenalty: z.number().min(1).max(2),
  meaningful: z.boolean(),
  /** `auto` asks the file; naming a template that is known to be its own saves most of a second at start. */
  template: z.enum(["auto", "chatml"]),
  /** Known hash the file must have; a file of unknown origin has none. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});
/** A model that is on disk, with what the worker must know of it. */
export type ResolvedModel = z.infer<typeof resolvedModelSchema>;

export const workerConfigSchema = inferenceOptionsSchema.omit({ model: true, style: true, choice: true }).extend({
  model: resolvedModelSchema,
  socketPath: z.string().min(1).max(4_096),
  /** Where measured biases and file stamps are kept. */
  cacheDir: z.string().min(1).max(4_096),
});
export type WorkerConfig = z.infer<typeof workerConfigSchema>;

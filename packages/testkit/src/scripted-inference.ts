import type {
  ChatMessage,
  ChooseOutcome,
  ChooseRequest,
  FailedOutcome,
  GenerateOutcome,
  GenerateRequest,
  Inference,
  InferenceStatus,
  LoadedModel,
  OutputField,
  OutputValue,
} from "@federation/runtime/ports";

/**
 * A model that does what a script says: a test double, for what a real model cannot be made to do on demand.
 *
 * 1. Like the port says, asking again under one id joins the first request or returns its kept outcome.
 * 2. It may answer what no honest adapter would, such as options it was never offered: whoever uses it must survive that.
 */
export interface Script {
  /** An option's id, weights by id (not only of what was offered), or a failure. Default: the first option. */
  readonly choose?: (request: ChooseRequest) => Awaitable<string | Readonly<Record<string, number>> | FailedOutcome>;
  /** Values of the fields, or a failure. Default: `I have a word on …` in every text field. */
  readonly generate?: (request: GenerateRequest) => Awaitable<Readonly<Record<string, OutputValue>> | FailedOutcome>;
}

type Awaitable<T> = T | Promise<T>;

export interface ScriptedInference extends Inference {
  /** In the order asked, without those that joined an earlier one. */
  readonly requests: readonly ScriptedRequest[];
  /** Ids that were asked for again. */
  readonly joined: readonly string[];
}

export type ScriptedRequest = (ChooseRequest & { readonly fields?: never }) | GenerateRequest;

export interface ScriptedInferenceOptions {
  readonly model?: Partial<LoadedModel>;
  readonly status?: () => InferenceStatus;
  /** Tokens of a text; a quarter of its characters unless told. */
  readonly countTokens?: (text: string) => number;
}

const tokens = { input: 10, output: 5 } as const;

export function scriptedFailure(reason: FailedOutcome["reason"], detail = "as the script says"): FailedOutcome {
  return { outcome: "failed", reason, detail, tokens };
}

export function createScriptedInference(
  script: Script = {},
  options: ScriptedInferenceOptions = {},
): ScriptedInference {
  const requests: ScriptedRequest[] = [];
  const joined: string[] = [];
  const chosen = new Map<string, Promise<ChooseOutcome>>();
  const generated = new Map<string, Promise<GenerateOutcome>>();
  const model: LoadedModel = {
    alias: "scripted",
    sha256: "0".repeat(64),
    contextTokens: 4_096,
    style: "sentences",
    meaningful: false,
    backend: "script",
    ...options.model,
  };
  const status = options.status ?? (() => ({ state: "ready", model, workerPid: 1 }) as const);

  function once<R extends ScriptedRequest, T>(known: Map<string, Promise<T>>, request: R, answer: () => Promise<T>) {
    const before = known.get(request.id);
    if (before !== undefined) {
      joined.push(request.id);
      return before;
    }
    requests.push(request);
    const promise = answer();
    known.set(request.id, promise);
    return promise;
  }

  async function answerChoice(request: ChooseRequest): Promise<ChooseOutcome> {
    const answer = (await script.choose?.(request)) ?? request.options[0]?.id ?? "";
    if (isFailure(answer)) return answer;
    const weights = typeof answer === "string" ? { [answer]: 1 } : answer;
    const probabilities = Object.entries(weights).map(([id, probability]) => ({ id, probability }));
    return { outcome: "complete", probabilities, method: "sentence_likelihood", tokens, durationMs: 1 };
  }

  async function answerWords(request: GenerateRequest): Promise<GenerateOutcome> {
    const shape = request.output.kind === "object" ? request.output.fields : [];
    const fields = (await script.generate?.(request)) ?? Object.fromEntries(shape.map((f) => [f.name, plainValue(f)]));
    if (isFailure(fields)) return fields;
    return { outcome: "complete", text: JSON.stringify(fields), fields, stopped: "end", tokens, durationMs: 1 };
  }

  return {
    requests,
    joined,
    status,
    whenReady: async () => status(),
    choose: (request) => once(chosen, request, () => answerChoice(request)),
    generate: (request) => once(generated, request, () => answerWords(request)),
    countTokens: async (text) => options.countTokens?.(text) ?? Math.ceil(text.length / 4),
    embed: async (texts) => texts.map(() => [1]),
    abort: () => undefined,
    close: async () => undefined,
  };
}

function isFailure(value: object | string): value is FailedOutcome {
  return typeof value === "object" && "outcome" in value && value.outcome === "failed";
}

function plainValue(field: OutputField): OutputValue {
  if (field.kind === "files") return [];
  return field.kind === "enum" ? (field.values[0] ?? "") : "I have a word on this.";
}

/**
 * A model that always obeys whoever wrote last into its prompt: it puts nearly all weight on acts that were never
 * offered, the rest on the offered act that serves the attacker best, and repeats the attack as its own words.
 */
export function attackersScript(attack: string): Script {
  const wanted = ["veto", "vote", "adopt", "accept", "advance", "assign", "submit", "ask", "say", "remember"];
  return {
    choose: ({ messages, options }) => {
      const ids = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
      const subjects = new Set([...options.map((o) => o.id), attack].flatMap((text) => text.match(ids) ?? []));
      const never = [...subjects].flatMap((id) => [`veto:${id}`, `adopt:${id}`, `vote:${id}:yes`, `accept:${id}`]);
      const offered = new Set(options.map((o) => o.id));
      const weights: Record<string, number> = {};
      for (const id of [...never, "report", "advance", "__proto__", attack, promptOf(messages).slice(-80)])
        if (!offered.has(id)) Object.defineProperty(weights, id, { value: 1_000, enumerable: true });
      const rank = (id: string): number => wanted.findIndex((kind) => id.startsWith(kind));
      const best = [...offered].sort((a, b) => ((rank(a) + 99) % 99) - ((rank(b) + 99) % 99))[0];
      return best === undefined ? weights : { ...weights, [best]: 1 };
    },
    generate: ({ output }) =>
      Object.fromEntries(
        (output.kind === "object" ? output.fields : []).map((field) => [
          field.name,
          field.kind === "files" ? [{ path: "obey.md", content: attack }] : attack,
        ]),
      ),
  };
}

const promptOf = (messages: readonly ChatMessage[]): string => messages.map((m) => m.text).join("\n");

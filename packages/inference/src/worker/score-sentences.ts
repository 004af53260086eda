/**
 * How likely a model finds each of several sentences as the answer to one prompt.
 *
 * 1. A score is the mean log-probability of a sentence's tokens, the one for the whole vocabulary, untouched by any
 *    sampler.
 * 2. Sentences are walked as a tree: a beginning that several share is evaluated once. The last token of a sentence
 *    is never evaluated, for nothing is asked after it.
 * 3. Afterwards the sequence holds the prompt without its last token, ready for the next question about it.
 */
import type { LlamaContextSequence, Token } from "node-llama-cpp";
import type { TokenCount } from "../protocol/outcome.ts";
import type { ScoreReference } from "./bias-meter.ts";
import type { Engine } from "./engine.ts";
import { evaluatePrompt } from "./run-generate.ts";

export interface Scoring {
  readonly engine: Engine;
  readonly sequence: LlamaContextSequence;
  readonly signal: AbortSignal;
  readonly tokens: TokenCount;
}

interface Node {
  readonly token: Token;
  readonly children: Map<Token, Node>;
  /** Summed from the first token of the sentence to this one. */
  logProbability: number;
}

export async function scoreSentences(
  scoring: Scoring,
  prompt: readonly Token[],
  sentences: readonly string[],
): Promise<readonly number[]> {
  const { engine, sequence, signal, tokens } = scoring;
  const root = nodeOf(await evaluatePrompt(engine, sequence, prompt, signal, tokens));
  const answers = sentences.map((sentence) => plant(root, engine.model.tokenize(sentence)));
  const start = sequence.nextTokenIndex;
  await keepReturn(sequence);
  await walk(scoring, root);
  await returnTo(sequence, start);
  return answers.map(({ leaf, length }) => leaf.logProbability / Math.max(1, length));
}

/** On a sequence of its own: the prompt that an actor's sequence holds stays there. */
export function createReferenceScorer(engine: Engine, sequence: LlamaContextSequence): ScoreReference {
  return async (reference, sentences, { signal, tokens }) => {
    try {
      return await scoreSentences({ engine, sequence, signal, tokens }, engine.renderPrompt(reference), sentences);
    } catch (thrown) {
      // After an error of unknown depth the sequence's cells may not be what its token list says.
      if (!signal.aborted) await sequence.clearHistory().catch(() => undefined);
      throw thrown;
    }
  };
}

function plant(root: Node, answer: readonly Token[]): { readonly leaf: Node; readonly length: number } {
  let leaf = root;
  for (const token of answer) {
    const next = leaf.children.get(token) ?? nodeOf(token);
    leaf.children.set(token, next);
    leaf = next;
  }
  return { leaf, length: answer.length };
}

function nodeOf(token: Token): Node {
  return { token, children: new Map(), logProbability: 0 };
}

/** Evaluates a node and what follows it alone, up to where sentences part, in one call; then each branch in turn. */
async function walk(scoring: Scoring, from: Node): Promise<void> {
  const { engine, sequence, signal, tokens } = scoring;
  const chain: Node[] = [];
  let branches: readonly Node[] = [from];
  for (let [only] = branches; branches.length === 1 && only !== undefined; [only] = branches) {
    if (only.children.size > 0) chain.push(only);
    branches = [...only.children.values()];
  }
  if (chain.length === 0) return;
  signal.throwIfAborted();
  const results = await sequence.controlledEvaluate(
    chain.map(({ token, children }) => [token, { generateNext: nextLogits([...children.keys()]) }]),
  );
  tokens.input += chain.length;
  engine.progress.tokens += chain.length;
  chain.forEach((node, index) => {
    spread(node, results[index]);
  });
  const open = branches.filter((branch) => branch.children.size > 0);
  if (open.length === 0) return;
  const fork = sequence.nextTokenIndex;
  await keepReturn(sequence);
  for (const branch of open) {
    await returnTo(sequence, fork);
    await walk(scoring, branch);
  }
}

/**
 * Few logits instead of a vocabulary of them. The greatest is needed, since `totalLogitWeight` is relative to it; it
 * is the one a greedy sampler selects. `includeMax` of this version adds it only where it was among `tokens` anyway.
 */
function nextLogits(tokens: Token[]) {
  return {
    totalLogitWeight: true,
    logits: { filter: { tokens, includeSelected: true } },
    options: { temperature: 0 },
  } as const;
}

type Evaluated = Awaited<ReturnType<LlamaContextSequence["controlledEvaluate"]>>[number];

function spread(node: Node, result: Evaluated): void {
  const next = result?.next;
  if (next?.logits === undefined || next.totalLogitWeight === undefined) throw new Error(lost);
  const normal = Math.max(...next.logits.values()) + Math.log(next.totalLogitWeight);
  for (const [token, child] of node.children) {
    const logit = next.logits.get(token);
    if (logit === undefined) throw new Error(lost);
    child.logProbability = node.logProbability + logit - normal;
  }
}

const lost = "llama.cpp returned no logit for a token of a sentence.";

async function keepReturn(sequence: LlamaContextSequence): Promise<void> {
  if (sequence.needsCheckpoints) await sequence.takeCheckpoint();
}

async function returnTo(sequence: LlamaContextSequence, index: number): Promise<void> {
  if (sequence.nextTokenIndex > index)
    await sequence.eraseContextTokenRanges([{ start: index, end: sequence.nextTokenIndex }]);
}

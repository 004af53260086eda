/**
 * `node scripts/start.mjs measure-choice-bias [MODELS_DIR]`: writes packages/inference/data/choice-bias/SHA256.txt, the
 * scores of every sentence the default team (three agents of deploy/nodes and the commander) can choose among, in the
 * reference contexts, by the default model. A first mission then measures nothing.
 *
 * 1. The prompts and sentences are the runtime's own. Whoever changes one runs this again; until then keys miss, and
 *    each installation measures for itself.
 * 2. The file is made anew: no line of an older prompt stays in it.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { idOf, member, message, proposal, task as taskOf, viewOf } from "../packages/core/src/testing/index.ts";
import {
  connectInference,
  defaultAlias,
  pullModel,
  resolveModel,
  startInferenceSupervisor,
} from "../packages/inference/src/index.ts";
import { evidenceCandidates, type Sources } from "../packages/runtime/src/turn/evidence.ts";
import { choiceReferences } from "../packages/runtime/src/turn/references.ts";
import { sentenceOf } from "../packages/runtime/src/turn/sentences.ts";

type Head = Parameters<typeof sentenceOf>[1];

/** As the store lists them: by name. */
const members = [
  member("aorus-3090", "developer"),
  member("baby", "analyst"),
  member("commander", "commander", { kind: "human", votes: false }),
  member("taichi-5090", "lead"),
];
const task = idOf(1);
/** An author's second plan numbers the first. */
const plansPerAuthor = [1, 2];
/** As many as one request may hold. */
const perChoice = 64;

const models = process.argv[3] ?? join(homedir(), ".cache", "federation", "models");
await pullModel(defaultAlias, { dir: models });
const model = await resolveModel(defaultAlias, { dir: models });
/** What is chosen among, with the contexts it is measured in: what to do, and what a result rests on. */
const choices = [
  { sentences: allSentences(), references: choiceReferences({ members }, "choose") },
  { sentences: evidenceSentences(), references: choiceReferences({ members }, "evidence") },
];
const dir = await mkdtemp(join(tmpdir(), "fb-"));
const log = { debug: ignore, info: ignore, warn: print, error: print };
// Without what is shipped already: every line is measured here.
const target = fileURLToPath(new URL("../packages/inference/data/choice-bias/", import.meta.url));
const started = performance.now();
await rm(target, { recursive: true, force: true });
const supervisor = await startInferenceSupervisor(
  { model, socketPath: join(dir, "s"), cacheDir: dir, threads: 1, sequences: 1 },
  { log },
);
const client = connectInference({ socketPath: join(dir, "s"), log });
try {
  await client.whenReady({ deadlineMs: 120_000 });
  for (const choice of choices)
    for (let from = 0; from < choice.sentences.length; from += perChoice) await measure(choice, from);
} finally {
  await client.close();
  await supervisor.stop();
}
const name = `${model.sha256}.txt`;
const lines = (await readFile(join(dir, "choice-bias", name), "utf8")).trim().split("\n").toSorted();
await mkdir(target, { recursive: true });
await writeFile(join(target, name), `${lines.join("\n")}\n`);
await rm(dir, { recursive: true });
const seconds = Math.round((performance.now() - started) / 1_000);
process.stdout.write(`${lines.length} scores in ${seconds} s: ${name}\n`);

async function measure({ sentences, references }: (typeof choices)[number], from: number): Promise<void> {
  const outcome = await client.choose({
    id: `bias-${sentences[from]}`,
    actor: "measure",
    messages: [{ role: "user", text: "What do you do now?" }],
    options: sentences.slice(from, from + perChoice).map((sentence) => ({ id: sentence, sentence })),
    references,
    temperature: 0.15,
    deadlineMs: 900_000,
  });
  if (outcome.outcome !== "complete") throw new Error(`${outcome.reason}: ${outcome.detail}`);
  process.stdout.write(`${Math.min(from + perChoice, sentences.length)} of ${sentences.length} sentences\n`);
}

function allSentences(): readonly string[] {
  const names = members.map((each) => each.actor);
  const single = viewOf({ members, proposals: names.map((author, index) => proposal(index + 1, { author })) });
  const several = viewOf({
    members,
    proposals: names.flatMap((author, index) =>
      plansPerAuthor.map((number) => proposal(index * plansPerAuthor.length + number, { author })),
    ),
  });
  const plain: readonly Head[] = [
    { kind: "say" },
    { kind: "propose" },
    ...(["yes", "no", "abstain"] as const).map((choice): Head => ({ kind: "vote", proposal: idOf(1), choice })),
    ...(["claim", "submit", "accept", "reject", "hand_back"] as const).map((kind): Head => ({ kind, task })),
    ...(["advance", "hold", "report", "remember", "wait"] as const).map((kind): Head => ({ kind })),
    { kind: "abstain", obligation: idOf(1) },
    ...names.flatMap((name): Head[] => [
      { kind: "ask", to: name },
      { kind: "assign", task, assignee: name },
    ]),
  ];
  const about = (view: typeof single): readonly string[] =>
    view.proposals.flatMap(({ id }) =>
      (["critique", "adopt"] as const).map((kind) => sentenceOf(view, { kind, proposal: id })),
    );
  const motion = { ...single, kind: "motion" as const };
  const inMotion = [
    ...plain.filter((head) => head.kind === "vote").map((head) => sentenceOf(motion, head)),
    ...motion.proposals.map(({ id }) => sentenceOf(motion, { kind: "critique", proposal: id })),
  ];
  const inMission = [...plain.map((head) => sentenceOf(single, head)), ...about(single), ...about(several)];
  return [...new Set([...inMission, ...inMotion])];
}

function evidenceSentences(): readonly string[] {
  const file = (path: string) => ({ path, content: "" });
  const mission = viewOf({ members, proposals: [proposal(1, { state: "accepted" })], tasks: [taskOf(1)] });
  const errand = viewOf({ members, kind: "errand", tasks: [taskOf(1, { proposal: idOf(1) })] });
  const none = { view: mission, actor: "", task, messages: [], memory: [], files: [] } satisfies Sources;
  const said = members.map(
    ({ actor }): Sources => ({
      ...none,
      files: [file("a.md")],
      messages: [message(1, actor, "", { kind: "critique" }), message(2, actor, "")],
      memory: [{ id: idOf(1), actor, conversation: mission.id, text: "", source: "turn", createdAt: "" }],
    }),
  );
  const sources: readonly Sources[] = [
    ...said,
    { ...none, files: [file("a.md"), file("b.md")] },
    { ...none, view: errand },
  ];
  return [...new Set(sources.flatMap((s) => evidenceCandidates(s).map((c) => c.sentence)))];
}

function ignore(): void {}

function print(details: unknown, text?: string): void {
  process.stderr.write(`${text ?? ""} ${JSON.stringify(details)}\n`);
}

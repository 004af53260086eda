export {
  type Action,
  type ActionHead,
  type ActionKind,
  actionHeadSchema,
  chosenKey,
  evidenceSchema,
  headKey,
  type SubmittedFile,
  submittedFileSchema,
  type Words,
  wordsOf,
  wordsSchema,
} from "./actions.ts";
export {
  type Advisory,
  type Amended,
  amendCharter,
  type Charter,
  type Difference,
  diffCharter,
  isEntrenched,
  MAX_ADVISORIES,
} from "./charter/amend.ts";
export {
  type Amendment,
  type AmendmentKind,
  amendmentSchema,
  type Change,
  changeSchema,
  taskOrderSchema,
} from "./charter/amendment.ts";
export { articles } from "./charter/articles.ts";
export { type CarriedOver, carryOver } from "./charter/carry-over.ts";
export type { Case, Refusal, Rule } from "./charter/case.ts";
export { changeInWords } from "./charter/change-words.ts";
export { decide, memberOf, type Verdict } from "./charter/decide.ts";
export {
  decidedProposal,
  endsDuty,
  findProposal,
  findTask,
  openObligations,
  phaseOwner,
} from "./charter/facts.ts";
export {
  type ArticleId,
  articleIdSchema,
  articleIds,
  type CharterParameters,
  charterParametersSchema,
  isArticleId,
} from "./charter/parameters.ts";
export { articlesInForce, caseOf, rules } from "./charter/rules.ts";
export { type CharterRefusal, charterRefusalOf } from "./charter-refusal.ts";
export type { EventFilter } from "./control/entries/mesh.ts";
export { type ControlEntry, toolName } from "./control/entry.ts";
export {
  type Control,
  type ControlName,
  type ControlRequest,
  type ControlResponse,
  control,
  controlEntries,
  controlOfTool,
} from "./control/list.ts";
export { parseControlRequest } from "./control/parse.ts";
export {
  conversationKindSchema,
  type Delivery,
  deliverySchema,
  type Episode,
  episodeSchema,
  type MeshEvent,
  type MessageRecord,
  type MissionReport,
  meshEventSchema,
  messageRecordSchema,
  missionReportSchema,
  type PageSession,
  pageSessionSchema,
  type TurnRecord,
} from "./control/records.ts";
export { allScopes, type ScopeName, scopeNameSchema, scopeOf } from "./control/scopes.ts";
export { type ErrorCode, errorCodes, isErrorCode, isSurelyUndone, MeshError, type MeshErrorOptions } from "./errors.ts";
export {
  type ActorName,
  actorNameSchema,
  filePathSchema,
  repositoryNameSchema,
  SYSTEM_ACTOR,
  uuidSchema,
} from "./ids.ts";
export { type ActionContext, actionOperations } from "./mission/action-operations.ts";
export { decideMove } from "./mission/decide-move.ts";
export { type LawfulSet, lawfulSet } from "./mission/lawful.ts";
export { type Move, moveReasons, type NewDuty } from "./mission/move.ts";
export { currentTask, openingDuties, phaseDuties } from "./mission/phase-duties.ts";
export {
  type Duty,
  type MissionKind,
  type Outcome,
  type Phase,
  phaseEdges,
  phaseOwnerRole,
  phaseSchema,
  type TaskKind,
  taskKindSchema,
} from "./mission/phases.ts";
export {
  type Choice,
  type Member,
  type Message,
  type MessageKind,
  type MissionView,
  messageSchema,
  missionViewSchema,
  type Obligation,
  type Proposal,
  type Task,
  type TaskState,
} from "./mission/view.ts";
export type { DecisionRecord, Operation, OperationResult, ReloadStage } from "./operations.ts";
export {
  type ActorKind,
  actorKindSchema,
  defaultPersonas,
  type Persona,
  personaSchema,
  type Role,
  roleSchema,
} from "./roles.ts";
export { inScope, scopeSchema, scopesOverlap } from "./tasks/path-scope.ts";
export { pathInScope, resultPath } from "./tasks/result-path.ts";
export {
  jsonDepth,
  MAX_FILE,
  MAX_FILES,
  MAX_JSON_DEPTH,
  MAX_SITUATION,
  MAX_SYSTEM_PROMPT,
  MAX_TEXT,
  MAX_TITLE,
  textSchema,
} from "./text.ts";
export { ACTOR_COLOURS, actorColour } from "./timeline/actor-colour.ts";
export { type Description, describeEvent } from "./timeline/describe-event.ts";
export { decodeWakeUp, encodeWakeUp, type WakeUp } from "./wake-up.ts";

export {
  type CatalogueEntry,
  catalogue,
  defaultAlias,
  findModel,
  fixtureAlias,
  type ModelProfile,
  type ModelSource,
} from "./catalogue/catalogue.ts";
export type { FileIdentity } from "./catalogue/file-identity.ts";
export { modelPath, type PullOptions, type PullProgress, pullModel, verifyModel } from "./catalogue/pull-model.ts";
export { type ListedModel, listModels, resolveModel } from "./catalogue/resolve-model.ts";
export { connectInference, type InferenceClient } from "./client/connect-inference.ts";
export { ensureFixtureModel, type FixtureModelFile, fixtureContextTokens } from "./fixture/fixture-model.ts";
export { type InferenceConfig, type InferenceOptions, inferenceOptionsSchema } from "./options.ts";
export type { TokenAccount, WorkerReport } from "./protocol/wire.ts";
export {
  type InferenceSupervisor,
  type InferenceSupervisorOptions,
  startInferenceSupervisor,
} from "./supervisor/start-supervisor.ts";
export type { ResolvedModel } from "./worker/worker-config.ts";

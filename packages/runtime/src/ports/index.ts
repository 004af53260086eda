export type { EventFilter } from "@federation/core";
export type {
  BrokerLink,
  BrokerLinkCounters,
  BrokerStatus,
  IncomingFrame,
  OutgoingFrame,
  PublishOutcome,
  Subscription,
} from "./broker-link.ts";
export type { ChangeFeed } from "./change-feed.ts";
export type { ClaimRecord, ClaimRegistry, GitRecord, SigningKey } from "./claim-registry.ts";
export type { Clock } from "./clock.ts";
export type { ControlCaller, ControlService } from "./control-service.ts";
export type {
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
  OutputShape,
  OutputValue,
  Sampling,
  TokenUse,
} from "./inference.ts";
export type { Log } from "./log.ts";
export type { Random } from "./random.ts";
export type { StopSignal } from "./signal.ts";
export type {
  ApplyOutcome,
  EventPage,
  Me,
  MeshCounts,
  Opened,
  OpenOptions,
  OutboxRow,
  Presence,
  Principal,
  Store,
  StoreHealth,
  TurnStart,
  Work,
} from "./store.ts";
export type { Committed, Workspace, WorkspaceCommit } from "./workspace.ts";

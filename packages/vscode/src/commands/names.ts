/** Every command of the extension, without the `federation.` before it; the manifest has the same, and says where each is offered. */
import { answerNames } from "../inbox/answers.ts";

export const commandNames = [
  "connect",
  "disconnect",
  "forgetToken",
  "openObserver",
  "open",
  "answerWaiting",
  "startMission",
  "sendMessage",
  "openCharter",
  "openResult",
  "showChanges",
  "submitTask",
  "pauseNode",
  "resumeNode",
  "letAssistantJoin",
  "letAssistantLeave",
  "showLog",
  "getStarted",
  ...answerNames,
] as const;
export type CommandName = (typeof commandNames)[number];

export const viewNames = ["inbox", "missions", "tasks", "roster"] as const;
export type TreeName = (typeof viewNames)[number];

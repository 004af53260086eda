/**
 * Where in the portal each command is at hand, beside the palette, which has all of them.
 *
 * 1. A test asks for a row for each command of the control list, another one opens each in a browser.
 * 2. A command without a place of its own is one that a person gives rarely: the palette is its place, and the row says why.
 */
import type { ControlName } from "@federation/core";
import type { ViewName } from "../routing/route.ts";

export type CommandName = Extract<
  ControlName,
  | "AcknowledgeMessage"
  | "AddActor"
  | "AddSigningKey"
  | "AdoptCharter"
  | "AdvancePhase"
  | "AnswerApproval"
  | "AskApproval"
  | "AssignTask"
  | "CastBallot"
  | "ClaimTask"
  | "Critique"
  | "EndPageSession"
  | "GiveBackTask"
  | "HandBackTask"
  | "IssueTicket"
  | "IssueToken"
  | "OpenTask"
  | "PauseNode"
  | "Propose"
  | "ProposeAmendment"
  | "ProposeDecision"
  | "ProposeTask"
  | "RatifyCharter"
  | "RecordGit"
  | "RedriveDelivery"
  | "ReloadNode"
  | "Remember"
  | "RenewPageSession"
  | "ResumeNode"
  | "RetireActor"
  | "ReviewTask"
  | "RevokeSigningKey"
  | "RevokeToken"
  | "SendMessage"
  | "StartMission"
  | "SubmitTask"
  | "TakeOverTask"
  | "VetoProposal"
  | "WithdrawApproval"
  | "WithdrawProposal"
>;

export type Place =
  | { readonly view: ViewName; readonly where: string }
  | { readonly view: "palette"; readonly why: string }
  | { readonly view: "page"; readonly where: string };

export const places: Readonly<Record<CommandName, Place>> = {
  SendMessage: {
    view: "conversations",
    where: "the composer at the foot of a conversation; “Message” in the head of the page",
  },
  AcknowledgeMessage: { view: "inbox", where: "“Done” on a question" },
  RedriveDelivery: { view: "messages", where: "“Redrive” on a dead letter" },
  StartMission: { view: "missions", where: "“New mission” in the head of the page and of the list" },
  AdvancePhase: { view: "missions", where: "“Advance” on my duty to move a phase on" },
  Propose: { view: "missions", where: "“Propose” in a mission" },
  Critique: { view: "proposals", where: "“Criticise” on an open proposal" },
  CastBallot: { view: "proposals", where: "“Yes”, “No”, “Abstain” on a proposal that takes ballots, and in the inbox" },
  VetoProposal: { view: "proposals", where: "“Veto” on a proposal that is not over" },
  WithdrawProposal: { view: "proposals", where: "“Withdraw” on a proposal of mine" },
  ProposeDecision: { view: "proposals", where: "“New motion”" },
  ProposeTask: { view: "proposals", where: "“New motion”" },
  ProposeAmendment: { view: "charter", where: "“Propose an amendment”, with the article filled in" },
  RatifyCharter: { view: "charter", where: "“Put to the vote” while the shipped charter is in force" },
  AdoptCharter: { view: "charter", where: "“Adopt” while the shipped charter is in force" },
  OpenTask: { view: "tasks", where: "“New task”" },
  AssignTask: { view: "tasks", where: "“Assign” on a task" },
  ClaimTask: { view: "tasks", where: "“Claim” on a task that is mine or in the pool" },
  SubmitTask: { view: "tasks", where: "“Submit” on a task that I hold" },
  ReviewTask: { view: "tasks", where: "“Accept” and “Reject” on a submitted task" },
  HandBackTask: { view: "tasks", where: "“Hand back” on a task that I hold" },
  TakeOverTask: { view: "tasks", where: "“Take over” on another's task" },
  GiveBackTask: { view: "tasks", where: "“Give back” on a task that I took over" },
  AskApproval: { view: "inbox", where: "“Ask a person”" },
  AnswerApproval: { view: "inbox", where: "“Approve” and “Deny”" },
  WithdrawApproval: { view: "inbox", where: "“Withdraw” on a question of mine" },
  Remember: { view: "memory", where: "“Remember”" },
  PauseNode: { view: "actors", where: "“Pause” on an actor's page" },
  ResumeNode: { view: "actors", where: "“Resume” on the page of a paused actor" },
  ReloadNode: { view: "actors", where: "“Reload” on an actor's page" },
  AddActor: { view: "access", where: "“Add an actor”" },
  RetireActor: { view: "actors", where: "“Retire” on the page of an external actor" },
  IssueToken: { view: "access", where: "“Issue a token”" },
  RevokeToken: { view: "access", where: "“Revoke” on a token" },
  IssueTicket: { view: "access", where: "“Link for another browser”, in an editor “Link for a browser”" },
  EndPageSession: { view: "access", where: "“End” on a page" },
  AddSigningKey: { view: "access", where: "“Register a key”" },
  RevokeSigningKey: { view: "access", where: "“Revoke” on a key" },
  RenewPageSession: { view: "page", where: "the page itself gives it after each connection, and every hour" },
  RecordGit: { view: "palette", why: "given by git's hooks; a person has no need of it" },
};

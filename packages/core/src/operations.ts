import type { ActionHead, SubmittedFile } from "./actions.ts";
import type { Change } from "./charter/amendment.ts";
import type { ArticleId } from "./charter/parameters.ts";
import type { PageSession, TurnRecord } from "./control/records.ts";
import type { ScopeName } from "./control/scopes.ts";
import type { NewDuty } from "./mission/move.ts";
import type { Outcome, Phase, TaskKind } from "./mission/phases.ts";
import type { Choice, MessageKind } from "./mission/view.ts";
import type { Role } from "./roles.ts";

/**
 * What a control call or a turn asks the database to do. A list of operations is applied in one transaction and one
 * round trip, under one call id; the database takes the actor from the login and re-checks the closed list of rules
 * for each. Ids are made by the caller, so that a repeat is the same thing.
 */
export type Operation =
  | {
      readonly op: "send_message";
      readonly id: string;
      readonly conversation: string;
      /** Null: everyone in the conversation. */
      readonly recipient: string | null;
      readonly kind: MessageKind;
      readonly text: string;
      /** Proposal or task that this message belongs to; null for free talk, which is what the talk budget counts. */
      readonly about: string | null;
      /** The message this one answers; its hops plus one are this one's. */
      readonly causation: string | null;
    }
  | { readonly op: "start_thread"; readonly id: string; readonly title: string; readonly members: readonly string[] }
  | {
      readonly op: "start_mission";
      readonly id: string;
      readonly objective: string;
      /** The repository its result is committed to, and the paths its task may write. */
      readonly repository?: string | null;
      readonly scope?: readonly string[];
      readonly seed: number;
      readonly members: readonly { readonly actor: string; readonly votes: boolean }[];
      readonly duties: readonly NewDuty[];
    }
  | {
      readonly op: "enter_phase";
      readonly conversation: string;
      /** The phase entry the caller saw; another means somebody was faster. */
      readonly fromPhaseNo: number;
      readonly phase: Phase;
      readonly round: number;
      readonly reason: string;
      readonly outcome: Outcome | null;
      readonly duties: readonly NewDuty[];
    }
  | {
      readonly op: "open_duties";
      readonly conversation: string;
      readonly phaseNo: number;
      readonly duties: readonly NewDuty[];
    }
  | { readonly op: "tally"; readonly conversation: string; readonly phaseNo: number }
  | {
      readonly op: "propose";
      readonly id: string;
      readonly conversation: string;
      readonly title: string;
      readonly text: string;
    }
  | {
      readonly op: "cast_ballot";
      readonly proposal: string;
      readonly choice: Choice;
      readonly reason: string;
      readonly textSha256: string;
    }
  | { readonly op: "veto"; readonly proposal: string; readonly reason: string }
  | { readonly op: "adopt"; readonly proposal: string; readonly reason: string }
  | { readonly op: "assign_task"; readonly task: string; readonly assignee: string; readonly instructions: string }
  | { readonly op: "claim_task"; readonly task: string }
  | { readonly op: "renew_claim"; readonly task: string; readonly fence: number }
  | {
      readonly op: "submit_task";
      readonly id: string;
      readonly task: string;
      readonly fence: number;
      readonly summary: string;
      readonly evidence: readonly string[];
      readonly files: readonly SubmittedFile[];
    }
  | {
      readonly op: "review_task";
      readonly task: string;
      readonly submission: string;
      readonly accept: boolean;
      readonly reason: string;
    }
  | { readonly op: "take_over_task"; readonly task: string; readonly reason: string }
  | { readonly op: "give_back_task"; readonly task: string; readonly fence: number; readonly reason: string }
  | {
      /** Opens an errand: a conversation with one task, given to the assignee or left in the pool. */
      readonly op: "open_task";
      readonly id: string;
      readonly task: string;
      readonly taskKind: TaskKind;
      readonly title: string;
      readonly instructions: string;
      readonly assignee: string | null;
      readonly scope: readonly string[];
      readonly needs: readonly string[];
      readonly priority: number;
      readonly dueInMs: number | null;
      /** The accepted proposal it comes from. */
      readonly proposal: string | null;
    }
  | {
      /** Opens a motion: a proposal that binds the whole federation, in a conversation of its own. */
      readonly op: "open_motion";
      readonly id: string;
      readonly proposal: string;
      readonly kind: "amendment" | "ratification" | "decision" | "task";
      readonly title: string;
      readonly text: string;
      readonly change: Change | null;
      readonly motive: string;
    }
  | { readonly op: "withdraw_proposal"; readonly proposal: string; readonly reason: string }
  | { readonly op: "ratify_charter"; readonly reason: string }
  | { readonly op: "pause_node"; readonly node: string; readonly reason: string }
  | { readonly op: "resume_node"; readonly node: string }
  | { readonly op: "add_signing_key"; readonly actor: string; readonly publicKey: string; readonly fingerprint: string }
  | { readonly op: "revoke_signing_key"; readonly fingerprint: string }
  | { readonly op: "add_actor"; readonly name: string; readonly role: Role; readonly description: string }
  | { readonly op: "retire_actor"; readonly name: string }
  | {
      readonly op: "issue_token";
      readonly id: string;
      readonly actor: string;
      readonly sha256: string;
      readonly label: string;
      readonly scopes: readonly ScopeName[];
      /** Null: until it is revoked. */
      readonly expiresInMs: number | null;
      /** The token it takes the place of, which lives on for `graceMs`. */
      readonly replaces: string | null;
      readonly graceMs: number;
    }
  | { readonly op: "revoke_token"; readonly id: string }
  | {
      readonly op: "issue_ticket";
      readonly sha256: string;
      readonly origin: string | null;
      /** The issuer's own, as `authenticate` gave it. */
      readonly credential: string;
      /** A minute when not given. */
      readonly lastsMs?: number;
    }
  | {
      readonly op: "renew_page_session";
      /** Of the secret that takes the place of the current one. */
      readonly sha256: string;
      /** The page's own, as `redeemTicket` or `redeemPageSecret` gave it. */
      readonly credential: string;
    }
  | { readonly op: "end_page_session"; readonly id: string }
  | {
      readonly op: "ask_approval";
      readonly id: string;
      readonly conversation: string;
      readonly whom: string;
      readonly question: string;
      readonly dueInMs: number;
    }
  | { readonly op: "answer_approval"; readonly approval: string; readonly approve: boolean; readonly reason: string }
  | { readonly op: "withdraw_approval"; readonly approval: string }
  | { readonly op: "ask_reload"; readonly id: string; readonly node: string }
  | {
      /** Puts the end of a reload of this node on record; one that nobody asked for by a row gets its row now. */
      readonly op: "record_reload";
      readonly id: string;
      readonly stage: ReloadStage | null;
      readonly reason: string;
      readonly tookMs: number;
    }
  | {
      readonly op: "record_git";
      readonly entries: readonly {
        readonly kind: "human_merge" | "push_accepted" | "push_refused";
        readonly actor: string | null;
        readonly commit: string | null;
        readonly ref: string;
        readonly reason: string;
      }[];
    }
  | { readonly op: "hand_back_task"; readonly task: string; readonly fence: number; readonly reason: string }
  | { readonly op: "report"; readonly conversation: string; readonly text: string }
  | {
      readonly op: "remember";
      readonly id: string;
      readonly conversation: string | null;
      readonly text: string;
      readonly source: string;
    }
  | { readonly op: "close_obligation"; readonly obligation: string; readonly as: "met" | "abstained" }
  | { readonly op: "redrive"; readonly message: string; readonly recipient: string }
  | { readonly op: "mark_read"; readonly messages: readonly string[] }
  | { readonly op: "mark_acted"; readonly messages: readonly string[] }
  | ({ readonly op: "record_decision" } & DecisionRecord)
  | {
      readonly op: "record_verdict";
      readonly conversation: string | null;
      readonly action: string;
      readonly allowed: boolean;
      readonly article: ArticleId | null;
      readonly reason: string;
      readonly lawful: string;
      readonly charterVersion: number;
      /** The turn it was given in. */
      readonly turn?: string;
    }
  | {
      /** Ends a turn: marks its deliveries read and acted, counts the turn on its duty, books its tokens. */
      readonly op: "finish_turn";
      readonly turn: string;
      readonly deliveries: readonly string[];
      /** False when no model saw them (nothing but waiting was lawful): acted by rule, and not `read`. */
      readonly read: boolean;
      /** The duty whose turns this is one of. */
      readonly obligation: string | null;
      /** The duty it was about, also where it does not count as one of its turns. */
      readonly about?: string | null;
      readonly model: string | null;
      readonly tokensIn: number;
      readonly tokensOut: number;
      readonly failure: string | null;
      /** What its model was given; null where none was asked. */
      readonly record?: TurnRecord | null;
    };

/** Where a reload failed; the old logic went on. */
export type ReloadStage = "start" | "health" | "switch" | "probation" | "refused";

/** One decision on record: what was lawful, what was chosen, by whom. */
export interface DecisionRecord {
  readonly conversation: string;
  readonly phaseNo: number;
  readonly head: ActionHead;
  readonly origin: "model" | "deadline" | "rule" | "human";
  /** Head key, or piece of evidence → calibrated probability; null where nothing was chosen by a model. */
  readonly probabilities: Readonly<Record<string, number>> | null;
  readonly seed: number | null;
  /** Answers thrown away before this one. */
  readonly rejectedAnswers: number;
  readonly note: string;
  /** The turn it was made in. */
  readonly turn?: string;
}

/** What each operation answers, where it answers more than "done". */
export interface OperationResult {
  /** `claim_task`: whether this call won. */
  readonly claimed?: boolean;
  readonly holder?: string;
  readonly fence?: number;
  /** `send_message`, `propose`, `submit_task` …: the row that now exists. */
  readonly id?: string;
  /** `open_task`: the task, while `id` is its conversation. */
  readonly task?: string;
  readonly seq?: number;
  readonly recipients?: number;
  /** `issue_ticket`: until when it can be used. */
  readonly expiresAt?: string;
  /** `renew_page_session`: the page as it stands then. One that is not live was ended by this very call. */
  readonly page?: PageSession;
  /** `enter_phase`, `tally`, `open_duties`: false when another node had already moved on. */
  readonly moved?: boolean;
}

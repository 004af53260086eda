/** What an event says in a few words. The log may hold kinds this build does not know: they are shown as they are. */
import type { MeshEvent } from "../control/records.ts";

export interface Description {
  /** Decides how the line looks. */
  readonly tone: "phase" | "good" | "bad" | "plain" | "quiet";
  /** The machine's own words. */
  readonly text: string;
  /** Somebody's words, to be quoted after the text and a colon. */
  readonly quote?: string;
  /** Bookkeeping that most readers do not want to see. */
  readonly detail?: boolean;
}

type Data = (key: string) => string;
type Describe = (data: Data, event: MeshEvent) => Description;

const plain = (text: string, quote?: string): Description => ({ tone: "plain", text, ...quoted(quote) });
const good = (text: string, quote?: string): Description => ({ tone: "good", text, ...quoted(quote) });
const bad = (text: string, quote?: string): Description => ({ tone: "bad", text, ...quoted(quote) });
const detail = (text: string, quote?: string): Description => ({ tone: "quiet", text, detail: true, ...quoted(quote) });

const describers: Readonly<Record<string, Describe>> = {
  MissionStarted: (data) => ({ tone: "phase", text: "started a mission", quote: data("objective") }),
  PhaseEntered: (data) => ({ tone: "phase", text: phaseLine(data) }),
  MissionClosed: (data) => {
    const text = `the mission is closed: ${words(data("outcome"))} (${data("reason")})`;
    return data("outcome") === "accepted" ? good(text) : bad(text);
  },
  MotionClosed: (data) => {
    const text = `the motion is closed: ${words(data("outcome"))} (${data("reason")})`;
    return data("outcome") === "enacted" ? good(text) : bad(text);
  },
  ErrandOpened: (data) =>
    plain(`opens the task "${data("title")}" for ${data("assignee") || "whoever claims it first"}`),
  ErrandClosed: (data) => {
    const text = `the task is closed: ${words(data("outcome"))} (${data("reason")})`;
    return data("outcome") === "accepted" ? good(text) : bad(text);
  },
  CharterChanged: (data) => good(`the charter is now version ${data("version")}, by ${data("how")}`),
  DecisionRecorded: (data) => good(`it is decided: "${data("title")}"`, data("text")),
  NodePaused: (data) => bad(`pauses ${data("node")}`, data("reason")),
  NodeResumed: (data) => plain(`lets ${data("node")} go on`),
  NodeReloadAsked: (data) => detail(`asks for a reload of ${data("node")}`),
  NodeReloaded: (data) => plain(`${data("node")} has new logic, after ${data("tookMs")} ms`),
  NodeReloadFailed: (data) =>
    bad(`a reload of ${data("node")} failed at ${data("stage")}; the logic from before goes on`, data("reason")),
  NodeReloadExpired: (data) => bad(`${data("node")} did not say how its reload ended`),
  ActorAdded: (data, event) => plain(`adds ${event.subject ?? "an actor"}, ${data("role")}, from outside`),
  ActorRetired: (_data, event) => bad(`retires ${event.subject ?? "an actor"}`),
  ActorHosted: (data) => detail(`comes in through ${data("host")}`),
  HostingEnded: (data) => detail(`is no longer connected to ${data("host")}`),
  TokenIssued: (data) => detail(`issues a token for ${data("actor")}`),
  TokenRevoked: (data) => bad(`revokes a token of ${data("actor")}`),
  TicketIssued: (data) => detail(`issues a ticket for ${data("origin")}`),
  PageSessionBegun: (data) => detail(`has a page open at ${data("origin")}`),
  PageSessionEnded: (data) => bad(`a page of ${data("actor")} at ${data("origin")} is ended: ${data("reason")}`),
  ApprovalAsked: (data) => plain(`asks ${data("whom")} for a yes or no`, data("question")),
  ApprovalAnswered: (data) =>
    data("approve") === "true"
      ? good(`says yes to ${data("askedBy")}: "${data("question")}"`, data("reason"))
      : bad(`says no to ${data("askedBy")}: "${data("question")}"`, data("reason")),
  ApprovalExpired: (data) =>
    bad(`${data("whom")} did not answer ${data("askedBy")} in time, which counts as a no`, data("question")),
  ApprovalWithdrawn: (data) => plain(`takes back a question to ${data("whom")}`, data("question")),
  SigningKeyAdded: (data, event) => detail(`registers the key ${event.subject ?? ""} of ${data("actor")}`),
  SigningKeyRevoked: (data, event) => bad(`revokes the key ${event.subject ?? ""} of ${data("actor")}`),
  PushAccepted: (data, event) => good(`pushed to ${event.subject ?? "a repository"}`, data("reason")),
  PushRefused: (data, event) => bad(`a push to ${event.subject ?? "a repository"} was refused`, data("reason")),
  HumanMerged: (data, event) =>
    plain(
      `records that ${data("signer")} merged ${data("commit").slice(0, 12)} into ${event.subject ?? ""}`,
      data("reason"),
    ),
  MessageSent: (data) => {
    const to = data("to") === "all" ? "all" : data("to");
    switch (data("kind")) {
      case "ask":
        return plain(`asks ${to}`, data("text"));
      case "critique":
        return plain("criticises", data("text"));
      case "say":
        return plain(to === "all" ? "says" : `says to ${to}`, data("text"));
      default:
        // Proposals, reports and notices have events of their own.
        return detail(`sent a ${data("kind")} to ${to}`, data("text"));
    }
  },
  ProposalMade: (data) => plain(`proposes "${data("title")}"`, data("text")),
  BallotCast: (data, event) => {
    const late = event.data["byDeadline"] === true ? " (by deadline)" : "";
    const text = `votes ${data("choice")}${late} on "${data("title")}"`;
    return { tone: "plain", text, ...quoted(data("reason")) };
  },
  ProposalDecided: (data, event) => {
    const why = data("why") === "" ? "" : `: ${data("why")}`;
    const text = `"${data("title")}" is ${data("state")}${tally(event)}${why}`;
    return data("state") === "accepted" || data("state") === "adopted"
      ? good(text, data("reason"))
      : bad(text, data("reason"));
  },
  TaskApproved: (data) => detail(`the task "${data("title")}" may be assigned`),
  TaskAssigned: (data) => {
    if (data("from") !== "claimed") return plain(`assigns "${data("title")}" to ${data("assignee")}`, data("reason"));
    return data("reason").startsWith("given back")
      ? plain(`gives "${data("title")}" back to ${data("assignee")}`, data("reason"))
      : bad(`the claim on "${data("title")}" ran out; it is ${data("assignee")}'s to claim`);
  },
  TaskClaimed: (data) =>
    data("from") === "submitted"
      ? bad(`sends the result of "${data("title")}" back (fence ${data("fence")})`, data("reason"))
      : data("reason").startsWith("taken over")
        ? bad(`takes "${data("title")}" over (fence ${data("fence")})`, data("reason"))
        : good(`claims "${data("title")}" (fence ${data("fence")})`),
  TaskSubmitted: (data) => good(`submits "${data("title")}" (fence ${data("fence")})`, data("reason")),
  TaskAccepted: (data) => good(`accepts the result of "${data("title")}"`, data("reason")),
  TaskRejected: (data) => bad(`rejects the result of "${data("title")}"`, data("reason")),
  TaskReleased: (data, event) =>
    bad(
      event.actor === "federation" ? `"${data("title")}" is released` : `hands "${data("title")}" back`,
      data("reason"),
    ),
  TaskExpired: (data) => bad(`"${data("title")}" has expired`, data("reason")),
  TaskCancelled: (data) => bad(`"${data("title")}" is cancelled`, data("reason")),
  ReportWritten: (data) => good("reports", data("text")),
  EpisodeRemembered: (data) => plain("remembers", data("text")),
  ActionRefused: (data, event) => {
    const lawful = data("lawful") === "" ? "" : ` Lawful now: ${data("lawful")}`;
    return bad(`refused to ${words(event.subject ?? "act")} by ${data("article")}: ${data("reason")}${lawful}`);
  },
  DecisionMade: (data) => {
    const by = data("origin");
    const kind = headKind(data);
    const note = data("note") === "" ? "" : ` (${data("note")})`;
    const ordinary = by === "model" || by === "human" || kind === "wait";
    return { ...detail(`decides: ${words(kind)}, by ${by}${note}`), detail: ordinary };
  },
  TurnFailed: (data) => bad(`could not take its turn: ${data("reason")}`),
  DeliveryDied: (data) =>
    bad(`a message from ${data("sender")} to ${data("recipient")} was given up: ${data("reason")}`),
  DeliveryRedriven: (data) => plain(`redrives a message to ${data("recipient")}`),
  DutyOpened: (data) => detail(`owes: ${data("duty")}`),
  DutyClosed: (data) => ({ ...detail(`duty to ${data("duty")} ${data("as")}`), detail: data("as") !== "expired" }),
  NodeStarted: (data) => detail(`node started (generation ${data("generation")}, epoch ${data("epoch")})`),
};

export function describeEvent(event: MeshEvent): Description {
  const data: Data = (key) => textOf(Object.hasOwn(event.data, key) ? event.data[key] : undefined);
  const describe = Object.hasOwn(describers, event.kind) ? describers[event.kind] : undefined;
  if (describe !== undefined) return describe(data, event);
  const fields = Object.entries(event.data).map(([key, value]) => `${key}=${textOf(value)}`);
  return { tone: "quiet", text: [words(event.kind), ...fields].join(" ") };
}

function phaseLine(data: Data): string {
  const round = Number(data("round")) > 1 ? `, round ${data("round")}` : "";
  // A mission is what one follows; the phases of others say whose they are.
  const whose = data("kind") === "motion" || data("kind") === "errand" ? `${data("kind")}: ` : "";
  return `── ${whose}${data("phase")}${round} ── ${data("reason")}`;
}

function tally(event: MeshEvent): string {
  const counts = ["yes", "no", "abstain"].map((choice) => [choice, event.data[choice]] as const);
  const told = counts.filter(([, count]) => typeof count === "number");
  return told.length === 0 ? "" : ` (${told.map(([choice, count]) => `${count} ${choice}`).join(", ")})`;
}

function headKind(data: Data): string {
  try {
    const head: unknown = JSON.parse(data("head"));
    return textOf(typeof head === "object" && head !== null ? Reflect.get(head, "kind") : head);
  } catch {
    return data("head");
  }
}

/** `not_accepted`, `TaskClaimed` → `not accepted`, `task claimed`. */
function words(name: string): string {
  return name
    .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
    .replaceAll("_", " ")
    .toLowerCase();
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function quoted(quote: string | undefined): { readonly quote?: string } {
  return quote === undefined || quote === "" ? {} : { quote };
}

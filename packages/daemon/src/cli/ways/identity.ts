import { randomUUID } from "node:crypto";
import { type ControlRequest, MeshError, scopeNameSchema } from "@federation/core";
import type { CallOptions, ControlClient } from "@federation/mcp/client";
import type { Given } from "../given.ts";
import { keptInFile, makeSecret, type Secret } from "../secret.ts";
import { showIssued, showTokens, type TokenRecord } from "../show/show-identity.ts";
import { type Answer, type Way, type WayOption, way } from "../way.ts";
import { done } from "./parts.ts";

const dayMs = 24 * 3_600_000;
const hourMs = 3_600_000;
const minuteMs = 60_000;
const roles = ["developer", "analyst", "observer"] as const;

const toFile: WayOption = [
  "--to <file>",
  "write it into this new file, which only you can read, instead of showing it",
];
const days: WayOption = ["--days <n>", "how long it is good, 1 to 400 days (90)"];
const grace: WayOption = ["--grace-hours <n>", "how long the replaced token stays good, 0 to 168 hours (0)"];

/** Actors without a daemon, tokens and tickets. The secrets are made here, and only their hashes leave this machine. */
export const identityWays: readonly Way[] = [
  way("AddActor", "actor add <name>", {
    options: [
      ["--role <role>", `what it may do: ${roles.join(", ")}`],
      ["--description <text>", "who it is, in a sentence or two"],
    ],
    request: (given) => {
      const role = roles.find((it) => it === given.maybe("role"));
      if (role === undefined) throw new MeshError("invalid_input", `Give --role: one of ${roles.join(", ")}.`);
      return { name: given.text("name"), role, description: given.maybe("description") };
    },
    show: (_, { actor }) => `Added ${actor}. It comes in with a token: federation token issue ${actor} --to FILE`,
  }),
  way("RetireActor", "actor retire <name>", {
    request: (given) => ({ name: given.text("name") }),
    show: done("Retired: its tokens have ended, and what it held is free."),
  }),
  secretWay("IssueToken", "token issue [actor]", {
    options: [
      ["--label <text>", "what it is for, to tell it from others"],
      ["--scopes <scopes>", "what it lets its bearer do, of read, act and manage (read,act)"],
      days,
      ["--replaces <token>", "the token that it takes the place of"],
      grace,
      toFile,
    ],
    ask: async (client, given, options) =>
      issue(client, given, options, {
        actor: given.maybe("actor"),
        label: given.maybe("label"),
        scopes: scopesOf(given.maybe("scopes")),
        replaces: given.maybe("replaces"),
      }),
  }),
  secretWay("IssueToken", "token rotate <token>", {
    doc: "Issues a token in the place of another, for the same actor, with its label and scopes.",
    options: [days, grace, toFile],
    ask: async (client, given, options) => {
      const { actor, label, scopes } = await tokenOf(client, given.text("token"));
      return issue(client, given, options, { actor, label, scopes, replaces: given.text("token") });
    },
  }),
  way("ListTokens", "token list", {
    options: [
      ["--actor <actor>", "of this actor instead of mine; only the commander sees those of others"],
      ["--all-actors", "of all actors"],
      ["--ended", "also those that are expired or revoked"],
    ],
    request: (given) => ({
      actor: given.flag("allActors") ? "all" : given.maybe("actor"),
      live: !given.flag("ended"),
    }),
    show: showTokens,
  }),
  way("RevokeToken", "token revoke <token>", {
    request: (given) => ({ token: given.text("token") }),
    show: done("Revoked: within a second its sessions are closed."),
  }),
  secretWay("IssueTicket", "token ticket", {
    options: [
      ["--origin <origin>", "the page it is for, as in https://portal.example"],
      ["--minutes <n>", "how long it can be used, 1 to 15 minutes (1)"],
      toFile,
    ],
    // A repeat under a call id would make a ticket good that nobody was shown.
    ask: (client, given, { callId: _, ...options }) =>
      makeGood(given, (secret) =>
        client.call(
          "IssueTicket",
          { sha256: secret.sha256, origin: originOf(given), lastsMs: lastsOf(given) },
          options,
        ),
      ).then(({ answer, kept }) => ({
        data: { ...answer, ...kept },
        text: () =>
          "secret" in kept
            ? `This ticket opens one session until ${answer.expiresAt}:\n\n${kept.secret}`
            : `The ticket in ${kept.file} opens one session until ${answer.expiresAt}.`,
        failed: false,
        follow: undefined,
      })),
  }),
];

/** A way whose answer holds what only this machine knows. */
function secretWay(
  name: "IssueToken" | "IssueTicket",
  syntax: string,
  spec: {
    readonly options: readonly WayOption[];
    readonly doc?: string;
    readonly ask: (client: ControlClient, given: Given, options: CallOptions) => Promise<Answer>;
  },
): Way {
  const { options, doc } = spec;
  const request = (): never => {
    throw new MeshError("internal", `${name} is asked with a secret.`);
  };
  const row = way(name, syntax, { options, request, show: () => "", ...(doc === undefined ? {} : { doc }) });
  return { ...row, ask: spec.ask };
}

type TokenOrder = Partial<Pick<ControlRequest<"IssueToken">, "actor" | "label" | "scopes" | "replaces">>;

async function issue(
  client: ControlClient,
  given: Given,
  options: CallOptions,
  order: { readonly [K in keyof TokenOrder]: TokenOrder[K] | undefined },
): Promise<Answer> {
  const [forDays, graceHours] = [given.whole("days"), given.whole("graceHours")];
  const id = randomUUID();
  const { answer, kept } = await makeGood(given, async (secret) => {
    const request = {
      ...order,
      id,
      sha256: secret.sha256,
      expiresInMs: forDays === undefined ? undefined : forDays * dayMs,
      graceMs: graceHours === undefined ? undefined : graceHours * hourMs,
    };
    const { token } = await client.call("IssueToken", request, options);
    if (token.id !== id)
      throw new MeshError(
        "conflict",
        `This call was made before: token ${token.id}, shown then. Revoke it if it is lost.`,
      );
    return { token };
  });
  return {
    data: { ...answer, ...kept },
    text: (paper) => showIssued(paper, answer.token, kept),
    failed: false,
    follow: undefined,
  };
}

/** Makes a secret, has the node accept its hash, and says where it is kept. */
async function makeGood<T>(given: Given, accept: (secret: Secret) => Promise<T>) {
  const secret = makeSecret();
  const file = given.maybe("to");
  if (file === undefined) return { answer: await accept(secret), kept: { secret: secret.text } };
  return { answer: await keptInFile(file, secret, () => accept(secret)), kept: { file } };
}

async function tokenOf(client: ControlClient, id: string): Promise<TokenRecord> {
  const own = await client.call("ListTokens", {});
  const mine = own.tokens.find((it) => it.id === id);
  if (mine !== undefined) return mine;
  // Only the commander sees those of others; to anybody else it is not there.
  const all = await client.call("ListTokens", { actor: "all" }).catch((error: unknown) => {
    if (MeshError.from(error).code === "forbidden") return { tokens: [] };
    throw error;
  });
  const token = all.tokens.find((it) => it.id === id);
  if (token === undefined)
    throw new MeshError("not_found", `There is no live token ${id}; see: federation token list.`);
  return token;
}

function scopesOf(given: string | undefined): TokenOrder["scopes"] {
  if (given === undefined) return undefined;
  return given.split(",").map((word) => {
    const scope = scopeNameSchema.safeParse(word.trim());
    if (scope.success) return scope.data;
    throw new MeshError(
      "invalid_input",
      `The scopes are read, act and manage, with commas between them, not "${word}".`,
    );
  });
}

function lastsOf(given: Given): number | undefined {
  const minutes = given.whole("minutes");
  return minutes === undefined ? undefined : minutes * minuteMs;
}

function originOf(given: Given): string {
  const origin = given.maybe("origin");
  if (origin === undefined) throw new MeshError("invalid_input", "Give --origin: the page that the ticket is for.");
  return origin;
}

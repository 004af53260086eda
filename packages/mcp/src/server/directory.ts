/**
 * What there is to name in a URI or an argument: tasks, proposals, missions, conversations, messages, actors. For lists
 * and completion, so bounded: newest or most urgent first.
 */
import { control } from "@federation/core";
import type { Ask, RequestContext } from "./ask-control.ts";
import type { Family } from "./resource-table.ts";

export interface Known {
  readonly id: string;
  readonly title: string;
}

export interface Directory {
  members(family: Family, request: RequestContext): Promise<readonly Known[]>;
  actors(request: RequestContext): Promise<readonly Known[]>;
  /** Refused verdicts: what a lesson or an amendment can be made of. */
  incidents(request: RequestContext): Promise<readonly Known[]>;
}

const limit = 50;

export function createDirectory(ask: Ask): Directory {
  async function tasks(request: RequestContext) {
    const answer = await ask("ListTasks", { open: true, limit }, request);
    return control.ListTasks.response.parse(answer).tasks;
  }
  async function missions(request: RequestContext) {
    const answer = await ask("ListMissions", { limit }, request);
    return control.ListMissions.response.parse(answer).missions;
  }

  async function members(family: Family, request: RequestContext): Promise<readonly Known[]> {
    switch (family) {
      case "tasks":
        return (await tasks(request)).map(({ id, title }) => ({ id, title }));
      case "missions":
        return (await missions(request)).map(({ id, objective }) => ({ id, title: objective }));
      case "proposals": {
        const answer = await ask("ListProposals", { limit }, request);
        const { proposals } = control.ListProposals.response.parse(answer);
        return proposals.map(({ id, title }) => ({ id, title }));
      }
      case "conversations": {
        const answer = await ask("ListConversations", { limit }, request);
        const { conversations } = control.ListConversations.response.parse(answer);
        return conversations.map(({ id, title }) => ({ id, title }));
      }
      case "messages": {
        const answer = await ask("ListInbox", { limit }, request);
        const { items } = control.ListInbox.response.parse(answer);
        return items.map(({ id, sender, kind }) => ({ id, title: `${kind} of ${sender}` }));
      }
    }
  }

  return {
    members,
    async actors(request) {
      const { actors } = control.ListRoster.response.parse(await ask("ListRoster", {}, request));
      return actors.map(({ actor, role }) => ({ id: actor, title: role }));
    },
    async incidents(request) {
      const answer = await ask("ListVerdicts", { refused: true, limit }, request);
      const { verdicts } = control.ListVerdicts.response.parse(answer);
      return verdicts.map(({ id, action, actor }) => ({ id, title: `${action} of ${actor}` }));
    },
  };
}

/** The ids of those whose id or title begins like what was typed; none when they cannot be had now. */
export async function suggest(known: Promise<readonly Known[]>, typed: string): Promise<string[]> {
  const start = typed.trim().toLowerCase();
  const fits = (text: string): boolean => text.toLowerCase().startsWith(start);
  // Completion is a convenience: what went wrong will be told by the call that it was for.
  const all = await known.catch(() => []);
  return all.filter(({ id, title }) => fits(id) || fits(title)).map(({ id }) => id);
}

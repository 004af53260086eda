/**
 * Prompts: how to begin, composed from the rows as they are when they are asked for.
 *
 * 1. What others wrote is quoted as data with the name of who wrote it; the rest is ours.
 * 2. What is lawful comes from the same deciders as the gate: a prompt offers nothing that would be refused now.
 */
import {
  completable,
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { toWireError } from "../tool-error.ts";
import type { RequestContext } from "./ask-control.ts";
import { type Directory, type Known, suggest } from "./directory.ts";
import { type Asker, joinText, lessonText, proposeText, reviewText, takeTaskText } from "./prompt-texts.ts";

export interface PromptsOptions extends Asker {
  readonly directory: Directory;
  readonly completion: RequestContext;
}

interface Definition {
  readonly title: string;
  readonly description: string;
  /** Its one argument, if it takes one. */
  readonly argument?: { readonly name: string; readonly description: string; readonly required: boolean };
  readonly known?: (directory: Directory, request: RequestContext) => Promise<readonly Known[]>;
  readonly text: (options: PromptsOptions, given: string | undefined, request: RequestContext) => Promise<string>;
}

const tasks = (directory: Directory, request: RequestContext) => directory.members("tasks", request);

export const promptDefinitions: Readonly<Record<string, Definition>> = {
  "join-the-federation": {
    title: "Join the federation",
    description: "Who you are here, the charter in force, what waits for you, and how work is done.",
    text: (options, _given, request) => joinText(options, request),
  },
  "take-a-task": {
    title: "Take a task",
    description: "A task as it stands, what you may do with it now, and how it is claimed and handed in.",
    argument: {
      name: "task",
      description: "Id of the task; without one, the most urgent you may take.",
      required: false,
    },
    known: tasks,
    text: takeTaskText,
  },
  "review-a-result": {
    title: "Review a result",
    description: "A submitted result with its evidence, and how it is accepted or rejected.",
    argument: { name: "task", description: "Id of the task whose result is to be reviewed.", required: true },
    known: tasks,
    text: reviewText,
  },
  propose: {
    title: "Propose",
    description: "What has been proposed in a mission, or how a motion for the whole federation is opened.",
    argument: { name: "mission", description: "Id of the mission; without one, a motion.", required: false },
    known: (directory, request) => directory.members("missions", request),
    text: proposeText,
  },
  "write-a-lesson": {
    title: "Write a lesson",
    description: "What went wrong, from the record, and how to write down what others should learn from it.",
    argument: {
      name: "incident",
      description: "Number of a refused verdict, or id of a task that was rejected or expired.",
      required: false,
    },
    known: (directory, request) => directory.incidents(request),
    text: lessonText,
  },
};

export function registerPrompts(mcp: McpServer, options: PromptsOptions): void {
  const { directory, completion } = options;
  for (const [name, { title, description, argument, known, text }] of Object.entries(promptDefinitions)) {
    const answer = async (given: string | undefined, context: ServerContext) => {
      try {
        const composed = await text(options, given, context.mcpReq);
        return {
          description,
          messages: [{ role: "user" as const, content: { type: "text" as const, text: composed } }],
        };
      } catch (thrown) {
        throw toProtocolError(thrown, context);
      }
    };
    if (argument === undefined) {
      mcp.registerPrompt(name, { title, description }, (context) => answer(undefined, context));
      continue;
    }
    // A schema of its own per session: completion is tied to the schema object.
    const field = completable(z.string().max(200).describe(argument.description), (typed) =>
      known === undefined ? [] : suggest(known(directory, completion), typed),
    );
    const argsSchema = z.object({ [argument.name]: argument.required ? field : field.optional() });
    mcp.registerPrompt(name, { title, description, argsSchema }, (given, context) => {
      const value: unknown = given[argument.name];
      return answer(typeof value === "string" && value !== "" ? value : undefined, context);
    });
  }
}

function toProtocolError(thrown: unknown, context: ServerContext): ProtocolError {
  const error = toWireError(thrown, String(context.mcpReq.id));
  const theirs = ["invalid_input", "not_found"].includes(error.code);
  const code = theirs ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
  return new ProtocolError(code, error.message, { ...error });
}

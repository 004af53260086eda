/** The resources of the table, for one session. */
import { MeshError } from "@federation/core";
import {
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  ResourceTemplate,
  type ServerContext,
  UriTemplate,
} from "@modelcontextprotocol/server";
import { toWireError } from "../tool-error.ts";
import type { Ask, RequestContext } from "./ask-control.ts";
import { type Directory, suggest } from "./directory.ts";
import { fixedResources, resourceFamilies, templateOf, uriOf } from "./resource-table.ts";

const mimeType = "application/json";

// Parsed once: a session may be as short as one request.
const families = resourceFamilies.map((it) => ({ ...it, template: new UriTemplate(templateOf(it.family)) }));
const fixed = fixedResources.map((it) => ({
  ...it,
  template: it.parameter === undefined ? undefined : new UriTemplate(`${it.uri}{?${it.parameter}}`),
}));

export interface ResourcesOptions {
  readonly ask: Ask;
  readonly directory: Directory;
  /** What completion asks as: the protocol gives it no request of its own. */
  readonly completion: RequestContext;
}

export function registerResources(mcp: McpServer, options: ResourcesOptions): void {
  const { ask, directory, completion } = options;

  async function read(uri: URL, query: (typeof fixed)[number]["query"], given: unknown, context: ServerContext) {
    try {
      const answer = await ask(query, given, context.mcpReq);
      return { contents: [{ uri: uri.href, mimeType, text: JSON.stringify(answer) }] };
    } catch (thrown) {
      throw toProtocolError(uri.href, thrown, context);
    }
  }

  for (const { name, uri, title, description, query, request, parameter, template } of fixed) {
    const about = { title, description, mimeType };
    mcp.registerResource(name, uri, about, (at, context) => read(at, query, request, context));
    if (parameter === undefined || template === undefined) continue;
    const withParameter = new ResourceTemplate(template, { list: undefined });
    mcp.registerResource(`${name}-by-${parameter}`, withParameter, about, (at, _variables, context) =>
      read(at, query, { ...request, [parameter]: at.searchParams.get(parameter) ?? undefined }, context),
    );
  }

  for (const { name, family, title, description, query, argument, listed, template } of families) {
    const list = async (context: ServerContext) => {
      try {
        const known = await directory.members(family, context.mcpReq);
        return {
          resources: known.map((it) => ({ uri: uriOf(family, it.id), name: `${name} ${it.id}`, title: it.title })),
        };
      } catch (thrown) {
        // What is not shown to this client is left out; the rest can still be listed.
        if (MeshError.from(thrown).code === "forbidden") return { resources: [] };
        throw toProtocolError(templateOf(family), thrown, context);
      }
    };
    const complete = (typed: string) => suggest(directory.members(family, completion), typed);
    const members = new ResourceTemplate(template, { list: listed ? list : undefined, complete: { id: complete } });
    mcp.registerResource(name, members, { title, description, mimeType }, (at, variables, context) =>
      read(at, query, { [argument]: variables["id"] }, context),
    );
  }
}

function toProtocolError(uri: string, thrown: unknown, context: ServerContext): ProtocolError {
  const error = toWireError(thrown, String(context.mcpReq.id));
  if (error.code === "not_found") return new ResourceNotFoundError(uri, error.message);
  const code = error.code === "invalid_input" ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
  return new ProtocolError(code, error.message, { ...error });
}

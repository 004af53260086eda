import { z } from "zod";
import { charterParametersSchema } from "../../charter/parameters.ts";
import { entry } from "../entry.ts";
import { anyone } from "./parts.ts";

/** The charter. */
export const charterEntries = {
  ShowCharter: entry({
    name: "ShowCharter",
    kind: "query",
    title: "Charter",
    doc: "Shows the articles in force and their parameters.",
    request: z.strictObject({}),
    response: z.object({
      version: z.int(),
      sha256: z.string(),
      adoptedAt: z.string(),
      articles: z.array(
        z.object({ id: z.string(), title: z.string(), principle: z.string(), text: z.string(), rationale: z.string() }),
      ),
      parameters: charterParametersSchema,
    }),
    roles: anyone,
    idempotent: true,
  }),
} as const;

import { type CharterParameters, carryOver, charterParametersSchema, MeshError } from "@federation/core";
import type pg from "pg";
import { z } from "zod";
import type { CharterText } from "./admin.ts";
import { asOwner } from "./migrate.ts";

/**
 * How the charter that a build ships comes to be in force.
 *
 * 1. The first is version 0, and in force until the federation ratifies it or another.
 * 2. A build with other articles or parameters makes the next version. What was agreed in the meantime is kept; what
 *    cannot be kept stands in the version's motive.
 * 3. The hash is the database's own.
 */
export interface Adopted {
  readonly version: number;
  /** Amendments that the articles of this build no longer allow. */
  readonly dropped: readonly string[];
}

const rowSchema = z.object({
  version: z.int(),
  changed: z.boolean(),
  parameters: z.record(z.string(), z.unknown()),
  off: z.array(z.string()),
  advisories: z.array(z.looseObject({ id: z.string() })),
});

/** Puts the shipped charter in force, unless its articles and parameters already are. Idempotent. */
export async function adoptCharter(ownerUrl: string, charter: CharterText): Promise<Adopted> {
  const parameters = charterParametersSchema.parse(charter.parameters);
  const articles = JSON.stringify(charter.articles);
  const bounds = JSON.stringify(z.toJSONSchema(charterParametersSchema));
  return await asOwner(ownerUrl, async (client) => {
    await client.query("lock table federation.charter_versions in share row exclusive mode");
    const known = await client.query(
      `select version, parameters, off, advisories, (articles <> $1::jsonb or bounds <> $2::jsonb) as changed
       from federation.charter_versions order by version desc limit 1`,
      [articles, bounds],
    );
    const inForce = rowSchema.optional().parse(known.rows[0]);
    if (inForce === undefined)
      return {
        version: await insert(client, {
          version: 0,
          articles,
          bounds,
          parameters,
          off: [],
          advisories: [],
          motive: "",
        }),
        dropped: [],
      };
    if (!inForce.changed) return { version: inForce.version, dropped: [] };
    const { dropped, ...kept } = carryOver(inForce, { articles: charter.articles, parameters });
    const motive = ["A build brought other articles or parameters.", ...dropped].join(" ").slice(0, 4_000);
    return {
      version: await insert(client, { ...kept, version: inForce.version + 1, articles, bounds, motive }),
      dropped,
    };
  });
}

async function insert(
  client: pg.Client,
  next: {
    readonly version: number;
    readonly articles: string;
    readonly bounds: string;
    readonly parameters: CharterParameters;
    readonly off: readonly string[];
    readonly advisories: readonly unknown[];
    readonly motive: string;
  },
): Promise<number> {
  await client.query(
    `insert into federation.charter_versions (version, articles, parameters, off, advisories, bounds, how, motive, adopted_by, sha256)
     values ($1, $2, $3, $4, $5, $6, 'shipped', $7, 'shipped', federation.charter_sha256($2::jsonb, $3::jsonb, $4::text[], $5::jsonb))`,
    [
      next.version,
      next.articles,
      JSON.stringify(next.parameters),
      [...next.off],
      JSON.stringify(next.advisories),
      next.bounds,
      next.motive,
    ],
  );
  return next.version;
}

/** Changes parameters of the charter in force by making the next version. For tests and for `dev`; a federation votes. */
export async function overrideCharter(
  ownerUrl: string,
  parameters: CharterParameters,
  by: string,
): Promise<{ readonly version: number }> {
  const checked = JSON.stringify(charterParametersSchema.parse(parameters));
  return await asOwner(ownerUrl, async (client) => {
    await client.query("lock table federation.charter_versions in share row exclusive mode");
    const made = await client.query<{ version: number }>(
      `insert into federation.charter_versions (version, articles, parameters, off, advisories, bounds, how, motive, adopted_by, sha256)
       select version + 1, articles, $1::jsonb, off, advisories, bounds, 'shipped', 'set by the owner of the database', $2,
           federation.charter_sha256(articles, $1::jsonb, off, advisories)
         from federation.charter_versions order by version desc limit 1 returning version`,
      [checked, by],
    );
    const version = made.rows[0]?.version;
    if (version === undefined) throw new MeshError("conflict", "There is no charter yet; run: federation init.");
    return { version };
  });
}

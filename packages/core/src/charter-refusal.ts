import type { MeshError } from "./errors.ts";

/** What the charter says where it refuses: by which article, why, and what would be lawful now (empty when it does not say). */
export interface CharterRefusal {
  readonly article: string;
  readonly reason: string;
  readonly lawful: string;
}

/** The refusal that an error tells of; undefined for every other error. */
export function charterRefusalOf(error: MeshError): CharterRefusal | undefined {
  const { article, reason, lawful } = error.details;
  if (error.code !== "refused" || typeof article !== "string") return undefined;
  return {
    article,
    reason: typeof reason === "string" ? reason : error.message,
    lawful: typeof lawful === "string" ? lawful : "",
  };
}

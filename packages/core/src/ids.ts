import { z } from "zod";

/** Names become queue names and parts of database login names, hence the narrow alphabet. */
export const actorNameSchema = z
  .string()
  .max(63)
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "an actor's name has lower-case letters, digits and hyphens only");
export type ActorName = z.infer<typeof actorNameSchema>;

export const uuidSchema = z.uuid("must be a UUID").transform((id) => id.toLowerCase());

/** A repository, by the name under which nodes' configurations know it. */
export const repositoryNameSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, {
  error: "is no repository's name: use lower-case letters, digits and hyphens",
});

/** Path of a submitted file inside its submission: relative, no `.` or `..` segment, no `.git`, forward slashes. */
export const filePathSchema = z
  .string()
  .max(200)
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*){0,8}$/,
    "must be a relative path that stays inside its folder",
  )
  .refine(
    (path) => path.split("/").every((part) => !/^\.git$/i.test(part) && !part.endsWith(".")),
    "has a segment that is not allowed",
  );

/** The sender of notices that no actor wrote: the runtime itself. It has no login. */
export const SYSTEM_ACTOR = "federation";

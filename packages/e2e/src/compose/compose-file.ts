import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";

// What this test asks about; that the rest is right is the schema's business.
const serviceSchema = z.looseObject({
  image: z.string(),
  build: z.strictObject({ context: z.string(), dockerfile: z.string(), target: z.string() }).optional(),
  command: z.array(z.string()).default([]),
  entrypoint: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  secrets: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
  depends_on: z.record(z.string(), z.looseObject({ condition: z.string() })).default({}),
});
const composeSchema = z.looseObject({
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.unknown()),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
});

export type Service = z.infer<typeof serviceSchema>;
export type ComposeFile = z.infer<typeof composeSchema>;

/** Merges and anchors resolved; variables as when none is set. */
export async function readComposeFile(file: string): Promise<ComposeFile> {
  const text = await readFile(file, "utf8");
  return composeSchema.parse(parse(text.replace(/\$\{\w+:-([^}]*)\}/g, "$1"), { merge: true }));
}

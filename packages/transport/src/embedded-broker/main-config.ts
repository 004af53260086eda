import { readFile } from "node:fs/promises";
import { MeshError } from "@federation/core";
import { z } from "zod";

const port = z.coerce.number().int().min(0).max(65_535);

const brokerConfigSchema = z.strictObject({
  host: z.string().max(255).default("127.0.0.1"),
  tcpPort: port.default(0),
  /** Absent: no WebSocket listener. */
  wsPort: port.optional(),
  /** Absolute, or relative to the working directory. */
  accountsFile: z.string().min(1).max(4_096),
  allowedOrigins: z.array(z.string().max(255)).max(32).default([]),
});

export type BrokerProcessConfig = z.infer<typeof brokerConfigSchema>;

/** Environment variable → key; each wins over the file. */
const environment = {
  FEDERATION_BROKER_HOST: "host",
  FEDERATION_BROKER_TCP_PORT: "tcpPort",
  FEDERATION_BROKER_WS_PORT: "wsPort",
  FEDERATION_BROKER_ACCOUNTS: "accountsFile",
} as const;

/** @throws MeshError `config_invalid` that names the key. */
export async function readBrokerConfig(
  file: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<BrokerProcessConfig> {
  const values = file === undefined ? {} : await readObject(file);
  for (const [variable, key] of Object.entries(environment)) {
    const value = env[variable];
    if (value !== undefined && value !== "") values[key] = value;
  }
  const parsed = brokerConfigSchema.safeParse(values);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new MeshError("config_invalid", `Broker configuration, ${issue?.path.join(".") || "keys"}: ${issue?.message}.`);
}

async function readObject(file: string): Promise<Record<string, unknown>> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    throw new MeshError("config_invalid", `The broker configuration ${file} must be a readable JSON object.`, {
      cause: error,
    });
  }
}

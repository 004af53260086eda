/** A real `dev` mesh with the fixture model, for as many tests as a file has. */
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { type ControlClient, connectControl } from "@federation/mcp/client";
import { z } from "zod";
import { type DevProcess, startDev } from "../../dev/testing/dev-process.ts";

export interface PortalMesh {
  readonly dev: DevProcess;
  /** The commander's, beside the page. */
  readonly client: ControlClient;
  port(): Promise<number>;
  /** An actor from outside, with a client of its own. */
  addActor(name: string, role: "developer" | "analyst" | "observer"): Promise<ControlClient>;
  stop(): Promise<void>;
}

const targetSchema = z.object({ url: z.string(), tokenFile: z.string() });

export async function startPortalMesh(
  args: readonly string[] = [],
  options: Parameters<typeof startDev>[1] = {},
): Promise<PortalMesh> {
  const dev = await startDev(["--seed", "7", ...args], options);
  const client = await dev.client();
  const clients: ControlClient[] = [client];
  const target = async () =>
    targetSchema.parse(JSON.parse(await readFile(path.join(dev.stateDir, "commander", "cli.json"), "utf8")));
  return {
    dev,
    client,
    port: async () => Number(new URL((await target()).url).port),
    async addActor(name, role) {
      await client.call("AddActor", { name, role });
      const token = randomBytes(32).toString("base64url");
      const sha256 = createHash("sha256").update(token).digest("hex");
      await client.call("IssueToken", { id: randomUUID(), actor: name, sha256 });
      const joined = await connectControl({ url: (await target()).url, token });
      clients.push(joined);
      return joined;
    },
    async stop() {
      await Promise.all(clients.map((it) => it.close()));
      await dev.stop();
    },
  };
}

import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { installableVersions } from "./activemq.ts";
import { openRawStomp } from "./raw-stomp.ts";

const [version] = await installableVersions();

test("the Java process ends with the process that started it, even when that is killed", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "federation-starter-"));
  const script = path.join(folder, "starter.ts");
  const activemq = path.join(import.meta.dirname, "activemq.ts");
  await writeFile(
    script,
    `import { startActiveMq } from ${JSON.stringify(activemq)};
const broker = await startActiveMq({ version: ${JSON.stringify(version)}, accounts: [{ login: "baby", passcode: "p" }] });
process.send(broker.port);`,
  );
  const starter = fork(script, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const [port] = await once(starter, "message");
  const listening = async () => !(await (await openRawStomp(port)).ended(100));
  expect(await listening()).toBe(true);
  starter.kill("SIGKILL");
  await expect.poll(listening, { timeout: 10_000 }).toBe(false);
  await rm(folder, { recursive: true });
}, 240_000);

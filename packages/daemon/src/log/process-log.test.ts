import { MeshError } from "@federation/core";
import { expect, it } from "vitest";
import { createProcessLog } from "./index.ts";

async function logged(fields: Record<string, unknown>, message = "it happened", level: "info" | "warn" = "info") {
  const lines: string[] = [];
  const log = await createProcessLog({ level, pretty: "off" }, "baby", "impl", (line) => void lines.push(line));
  log.info(fields, message);
  return lines;
}

it("writes one JSON line that names node, process, level and time", async () => {
  const [line] = await logged({ task: 7 });
  const entry: unknown = JSON.parse(line ?? "");
  expect(entry).toMatchObject({ level: "info", node: "baby", process: "impl", task: 7, msg: "it happened" });
  expect(entry).toHaveProperty("time", expect.stringMatching(/^\d{4}-\d\d-\d\dT/));
});

it("keeps lines below its level to itself", async () => {
  expect(await logged({}, "quiet", "warn")).toEqual([]);
});

it("replaces fields named like secrets at any depth", async () => {
  const [line] = await logged({
    token: "s3cret-1",
    request: { headers: { Authorization: "Bearer s3cret-2" }, list: [{ pass_code: "s3cret-3", passcode: "s3cret-4" }] },
    "api-key": "s3cret-5",
  });
  for (const secret of ["s3cret-1", "s3cret-2", "s3cret-4", "s3cret-5"]) expect(line).not.toContain(secret);
  expect(line).toContain('"token":"[redacted]"');
});

it("masks credentials inside texts, messages, errors and their causes", async () => {
  const cause = new Error("connect to stomp+ssl://baby:hunter2@mq:61614 failed");
  const error = new MeshError("unavailable", "GET /mcp?token=hunter2 with Bearer hunter2 failed.", { cause });
  const [line] = await logged({ error }, "postgresql://fed_baby:hunter2@db/federation is away");
  expect(line).not.toContain("hunter2");
  expect(line).toContain("postgresql://fed_baby:[redacted]@db");
  expect(line).toContain("unavailable");
});

it("cuts what is deep, wide or in a circle", async () => {
  const circle: Record<string, unknown> = { name: "round" };
  circle["self"] = circle;
  const [line] = await logged({ circle, many: Array.from({ length: 100_000 }, () => "x"), long: "y".repeat(1e6) });
  expect((line ?? "").length).toBeLessThan(20_000);
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createHandFedControl, startControlEndpoint } from "@federation/mcp/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCliFolder, token } from "./testing/cli-run.ts";

const mission = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0001";
const tokens = { [token]: { actor: "commander", role: "commander" } } as const;
const program = fileURLToPath(new URL("../bin/federation.ts", import.meta.url));

let control = createHandFedControl();
let endpoint: Awaited<ReturnType<typeof startControlEndpoint>>;
let folder: Awaited<ReturnType<typeof createCliFolder>>;

beforeEach(async () => {
  control = createHandFedControl();
  endpoint = await startControlEndpoint({ control: control.service, tokens });
  folder = await createCliFolder(endpoint.url);
});
afterEach(async () => {
  await endpoint.close();
  await folder.remove();
});

function serveLog(outcome: string): void {
  const happened: readonly (readonly [string, string | null, object])[] = [
    ["MissionStarted", "commander", { objective: "Pick a policy" }],
    ["PhaseEntered", null, { phase: "propose", round: 1, reason: "the mission was started" }],
    ["DutyOpened", "taichi-5090", { duty: "propose" }],
    ["ProposalMade", "taichi-5090", { title: "Retry", text: "Retry three times." }],
    ["MissionClosed", null, { outcome, reason: "all done" }],
  ];
  const log = happened.map(([kind, actor, data], n) => ({
    cursor: `c${n + 1}`,
    at: "2026-01-02T03:04:05.000Z",
    kind,
    actor,
    conversation: mission,
    subject: null,
    data,
  }));
  control.on("ListEvents", (request) => {
    const after: unknown = Reflect.get(Object(request), "after");
    const events = log.slice(log.findIndex((event) => event.cursor === after) + 1).slice(0, 2);
    return { events, cursor: events.at(-1)?.cursor ?? null };
  });
}

describe("watching a mission", () => {
  it("shows what happens, hides bookkeeping, and ends with the mission: 0 when its result was accepted", async () => {
    serveLog("accepted");
    const { code, out, err } = await folder.run(["mission", "watch", mission]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out.split("\n").map((line) => line.slice(10))).toEqual([
      "commander  started a mission: Pick a policy",
      "           ── propose ── the mission was started",
      'taichi-5090  proposes "Retry": Retry three times.',
      "             the mission is closed: accepted (all done)",
      "",
    ]);
    expect(control.calls[0]?.request).toMatchObject({ conversation: mission });
  });

  it("ends with 1 when the mission failed", async () => {
    serveLog("not_accepted");
    expect((await folder.run(["mission", "watch", mission, "--details"])).out).toContain("owes: propose");
    expect((await folder.run(["mission", "watch", mission])).code).toBe(1);
  });

  it("follows a mission that was just started, every event a line of JSON with --json", async () => {
    serveLog("accepted");
    control.on("StartMission", () => ({ mission }));
    const { code, out } = await folder.run(["mission", "start", "Pick", "a", "policy", "--watch", "--json"]);
    expect(code).toBe(0);
    const lines = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines[0]).toEqual({ mission });
    expect(lines.slice(1).map((event) => event.kind)).toEqual([
      "MissionStarted",
      "PhaseEntered",
      "DutyOpened",
      "ProposalMade",
      "MissionClosed",
    ]);
  });
});

describe("following events", () => {
  it("goes on when the connection is lost, says so, and misses and repeats nothing", async () => {
    serveLog("accepted");
    const stop = new AbortController();
    let cut = false;
    const { code, out, err } = await folder.run(["events", "--follow", "--json"], {
      interrupted: stop.signal,
      onOutput: (text) => {
        if (text.includes("PhaseEntered") && !cut) {
          cut = true;
          endpoint.cut();
        }
        if (text.includes("MissionClosed")) stop.abort();
      },
    });
    expect(code).toBe(130);
    expect(
      out
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).cursor),
    ).toEqual(["c1", "c2", "c3", "c4", "c5"]);
    expect(err).toBe("The node is away; waiting for it to come back.\nThe node is back.\n");
  });

  it("ends at Ctrl-C with 130, quietly, and leaves no connection", async () => {
    control.on("ListEvents", (_, caller) => {
      return new Promise((resolve) => {
        caller.signal.addEventListener("abort", () => resolve({ events: [], cursor: null }));
      });
    });
    const child = spawn(process.execPath, [program, "events", "--follow"], {
      env: { PATH: process.env["PATH"], FEDERATION_URL: endpoint.url, FEDERATION_TOKEN_FILE: folder.tokenFile },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    child.stdout.on("data", (data) => {
      said += String(data);
    });
    child.stderr.on("data", (data) => {
      said += String(data);
    });
    const ended = once(child, "exit");
    await control.called((call) => call.name === "ListEvents");
    child.kill("SIGINT");
    const [code] = await ended;
    expect({ code, said }).toEqual({ code: 130, said: "" });
    await expect.poll(() => endpoint.openSockets()).toBe(0);
  });

  it("ends quietly when nobody reads its output any more", async () => {
    serveLog("accepted");
    const child = spawn(process.execPath, [program, "events", "--follow"], {
      env: { PATH: process.env["PATH"], FEDERATION_URL: endpoint.url, FEDERATION_TOKEN_FILE: folder.tokenFile },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    let said = "";
    child.stderr.on("data", (data) => {
      said += String(data);
    });
    const [code] = await once(child, "exit");
    expect({ code, said }).toEqual({ code: 0, said: "" });
  });
});

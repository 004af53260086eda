import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MeshError } from "@federation/core";
import { createHandFedControl, startControlEndpoint } from "@federation/mcp/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCliFolder, token } from "./testing/cli-run.ts";
import { rosterRecord } from "./testing/records.ts";

const id = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0001";
const tokens = { [token]: { actor: "commander", role: "commander" } } as const;

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

const rosterEntry = rosterRecord("baby", {
  role: "analyst",
  activity: {
    state: "thinking",
    conversation: id,
    title: "Pick a policy",
    duty: "vote",
    task: null,
    since: "2026-01-02T03:04:05.000Z",
    waitingFor: [],
  },
  dead: 1,
  tokensPerSecond: 12.5,
  due: 2,
  tokensIn: 10,
  tokensOut: 3,
  lastSeenAt: "2026-01-02T03:04:05.678Z",
});
const deliveryOf = (recipient: string) => ({
  message: id,
  recipient,
  state: "due",
  storedAt: "2026-01-02T03:04:05.000Z",
  sentAt: "2026-01-02T03:04:06.000Z",
  receivedAt: null,
  readAt: null,
  actedAt: null,
  attempts: 1,
  lastError: null,
});

describe("an answer", () => {
  it("is a table for people, without colours when nobody looks", async () => {
    control.on("ListRoster", () => ({ actors: [rosterEntry] }));
    const { code, out, err } = await folder.run(["roster"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toBe(
      "ACTOR  ROLE     KIND   MODEL  DUE  DEAD  TOKENS IN  OUT  PER S  VERSION  LAST SEEN            DOING\n" +
        "baby   analyst  agent  -      2    1     10         3    12.5   0.1.0    2026-01-02 03:04:05  thinking (vote): Pick a policy\n",
    );
  });

  it("says of each actor what it is doing, as far as its own role may see it", async () => {
    const none = { conversation: null, title: null, duty: null, task: null, since: null, waitingFor: [] };
    const doing = async (activity: object, over: object = {}): Promise<string> => {
      control.on("ListRoster", () => ({ actors: [{ ...rosterEntry, activity: { ...none, ...activity }, ...over }] }));
      const { out } = await folder.run(["roster"]);
      return out.split("\n")[1]?.split("03:04:05  ")[1] ?? "";
    };
    expect(await doing({ state: "waiting", waitingFor: ["lead", "dev"], title: "Pick a policy" })).toBe(
      "waiting for lead, dev: Pick a policy",
    );
    expect(await doing({ state: "waiting" })).toBe("waiting");
    expect(await doing({ state: "working", title: "Mend the roof" })).toBe("working: Mend the roof");
    expect(await doing({ state: "thinking" })).toBe("thinking");
    expect(await doing({ state: "paused" }, { paused: true, pauseReason: "Too loud." })).toBe("paused: Too loud.");
    expect(await doing({ state: "away" })).toBe("away");
    expect(await doing({ state: "idle" }, { version: null, host: "lead" })).toBe("idle");
  });

  it("has colours on a terminal, unless --no-color or NO_COLOR says no", async () => {
    control.on("ListRoster", () => ({ actors: [rosterEntry] }));
    expect((await folder.run(["roster"], { terminal: true })).out).toContain("\u001b[1m");
    expect((await folder.run(["roster", "--no-color"], { terminal: true })).out).not.toContain("\u001b");
    const quiet = { terminal: true, environment: { noColour: true } };
    expect((await folder.run(["roster"], quiet)).out).not.toContain("\u001b");
  });

  it("is one line of JSON with --json, before or after the command", async () => {
    control.on("ListRoster", () => ({ actors: [rosterEntry] }));
    for (const argv of [
      ["--json", "roster"],
      ["roster", "--json"],
    ]) {
      const { out } = await folder.run(argv);
      expect(out.endsWith("\n")).toBe(true);
      expect(out.trimEnd()).not.toContain("\n");
      expect(JSON.parse(out)).toEqual({ actors: [rosterEntry] });
    }
  });

  it("gives untrusted text no power over the terminal, as text or as JSON", async () => {
    const text = "x\u001b]0;owned\u0007\u009b2J\u202Ey\nz";
    const message = {
      id,
      conversation: id,
      seq: 1,
      sender: "baby",
      kind: "say",
      recipient: null,
      text,
      createdAt: "2026-01-02T03:04:05.000Z",
    };
    control.on("ShowMessage", () => ({ message, deliveries: [deliveryOf("lead")] }));
    const { out } = await folder.run(["message", "show", id]);
    expect(out).toContain("│ xy\n│ z\n");
    expect(out).toContain("lead       due    03:04:05  03:04:06  -");
    const json = (await folder.run(["message", "show", id, "--json"])).out;
    expect(json).toMatch(/^[\x20-\x7e]+\n$/);
    expect(JSON.parse(json).message.text).toBe(text);
  });
});

describe("a command", () => {
  it("sends what was typed, words joined, with only what was given", async () => {
    control.on("SendMessage", () => ({ id, conversation: id, seq: 1, recipients: 1 }));
    const { code, out } = await folder.run(["send", "lead", "please", "have", "a", "look"]);
    expect({ code, out }).toEqual({ code: 0, out: `Sent message ${id} to 1 recipient in conversation ${id}.\n` });
    expect(control.calls[0]).toMatchObject({ name: "SendMessage" });
    expect(control.calls[0]?.request).toEqual({ to: "lead", text: "please have a look" });
  });

  it("reads a text of - from standard input", async () => {
    control.on("Remember", () => ({ episode: id }));
    await folder.run(["remember", "-"], { input: "two\nlines\n" });
    expect(control.calls[0]?.request).toEqual({ text: "two\nlines" });
  });

  it("takes files by their path from here, and refuses what is no text", async () => {
    control.on("SubmitTask", () => ({ submission: id }));
    const submit = (file: string) => folder.run(["task", "submit", id, "done", "--fence", "3", "--file", file]);
    expect((await submit("package.json")).code).toBe(0);
    expect(control.calls[0]?.request).toMatchObject({
      task: id,
      fence: 3,
      summary: "done",
      // A result rests on its own files unless it names something else.
      evidence: ["file:package.json"],
      files: [{ path: "package.json", content: expect.stringContaining('"federation"') }],
    });
    await folder.run(["task", "submit", id, "done", "--fence", "3", "--evidence", `proposal:${id}`]);
    expect(control.calls[1]?.request).toMatchObject({ evidence: [`proposal:${id}`], files: [] });
    const binary = join(folder.stateFolder, "binary");
    await writeFile(binary, Buffer.from([0xff, 0xfe, 0x00]));
    expect(await submit(binary)).toMatchObject({ code: 2, err: expect.stringContaining("cannot be read as text") });
    expect((await submit("no-such-file")).code).toBe(2);
  });

  it("without a mission means the newest one", async () => {
    const mission = {
      id,
      objective: "o",
      phase: "vote",
      round: 1,
      outcome: null,
      createdBy: "commander",
      phaseDeadline: null,
      createdAt: "",
      closedAt: null,
    };
    control.on("ListMissions", () => ({ missions: [mission] }));
    await folder.run(["mission", "show"]);
    expect(control.calls.map((call) => call.name)).toEqual(["ListMissions", "ShowMission"]);
    control.on("ListMissions", () => ({ missions: [] }));
    expect(await folder.run(["mission", "report"])).toMatchObject({ code: 1, out: "" });
  });

  it("opens a task with its paths, needs and due time", async () => {
    control.on("OpenTask", () => ({ task: id, errand: id }));
    const options = ["--assignee", "baby", "--kind", "fix", "--path", "docs/**", "--path", "a.md", "--needs", id];
    const { out } = await folder.run([
      "task",
      "open",
      "Sweep",
      "the",
      "queue",
      ...options,
      "--priority",
      "-3",
      "--due",
      "90",
    ]);
    expect(out).toBe(`Opened task ${id} in the errand ${id}.\n`);
    expect(control.calls[0]?.request).toEqual({
      title: "Sweep",
      instructions: "the queue",
      kind: "fix",
      assignee: "baby",
      scope: ["docs/**", "a.md"],
      needs: [id],
      priority: -3,
      dueInMs: 5_400_000,
    });
    expect((await folder.run(["task", "open", "T", "x", "--kind", "wish"])).code).toBe(2);
  });

  it("that asks what is overdue ends with 1 when something is, and says for whom it waits", async () => {
    control.on("GetOverdue", () => ({ items: [] }));
    expect(await folder.run(["overdue"])).toMatchObject({ code: 0, out: "Nothing is overdue.\n" });
    const deadline = "2026-01-02T03:04:05.000Z";
    const item = { kind: "claim", subject: id, conversation: id, owner: "baby", deadline, lateMs: 61_000 };
    control.on("GetOverdue", () => ({ items: [item] }));
    const { code, out } = await folder.run(["overdue", "--grace", "60000"]);
    expect(code).toBe(1);
    expect(out).toContain("claim  baby       2026-01-02 03:04:05  61");
    expect(control.calls[1]?.request).toEqual({ graceMs: 60_000 });
  });

  it("that lost a claim ends with 1 and names the holder", async () => {
    control.on("ClaimTask", () => ({ claimed: false, holder: "aorus-3090", fence: 4 }));
    const { code, out } = await folder.run(["task", "claim", id]);
    expect({ code, out }).toEqual({ code: 1, out: "Not claimed: aorus-3090 holds it with fence 4.\n" });
  });

  it("repeats a call under --call-id", async () => {
    control.on("Remember", () => ({ episode: id }));
    await folder.run(["remember", "it", "--call-id", "again-1"]);
    expect(control.calls[0]?.caller.callId).toBe("again-1");
  });

  it("of any name can be called with JSON, and refuses what is none", async () => {
    control.on("ListTasks", () => ({ tasks: [] }));
    expect(await folder.run(["call", "list_tasks", '{"limit":5}'])).toMatchObject({
      code: 0,
      out: '{\n  "tasks": []\n}\n',
    });
    expect(await folder.run(["call", "ListTasks", "-", "--json"], { input: "{}" })).toMatchObject({
      out: '{"tasks":[]}\n',
    });
    expect(control.calls.map((call) => call.request)).toEqual([
      { limit: 5, open: false, pool: false },
      { limit: 50, open: false, pool: false },
    ]);
    for (const argv of [
      ["call", "ListTasks", "{"],
      ["call", "ListTasks", "[1]"],
      ["call", "LaunchRocket"],
    ]) {
      expect(await folder.run(argv)).toMatchObject({ code: 2, out: "" });
    }
    const deep = `${'{"a":'.repeat(2000)}1${"}".repeat(2000)}`;
    expect(await folder.run(["call", "ListTasks", deep])).toMatchObject({
      code: 2,
      err: expect.stringContaining("nests"),
    });
  });
});

describe("on a terminal, the colours of actors", () => {
  it("are asked for where a timeline is drawn, and nowhere else", async () => {
    control.on("Remember", () => ({ episode: id }));
    control.on("ListEvents", () => ({ events: [], cursor: null }));
    control.on("ListRoster", () => ({ actors: [rosterEntry] }));
    await folder.run(["remember", "it"], { terminal: true });
    await folder.run(["events"]);
    await folder.run(["events", "--json"], { terminal: true });
    expect(control.calls.map((call) => call.name)).toEqual(["Remember", "ListEvents", "ListEvents"]);
    await folder.run(["events"], { terminal: true });
    expect(control.calls.map((call) => call.name)).toContain("ListRoster");
  });

  it("are not waited for where the node is slow to tell them", async () => {
    control.on("ListRoster", () => new Promise(() => {}));
    control.on("ListEvents", () => ({ events: [], cursor: null }));
    expect(await folder.run(["events"], { terminal: true })).toMatchObject({ code: 0, err: "" });
  });
});

describe("the exit code", () => {
  it.each([
    ["refused", 1],
    ["forbidden", 1],
    ["not_found", 1],
    ["conflict", 1],
    ["fenced", 1],
    ["limit_exceeded", 1],
    ["unavailable", 3],
    ["unauthenticated", 4],
  ] as const)("of %s is %i, with the sentence on standard error alone", async (code, expected) => {
    control.on("ListRoster", () => {
      throw new MeshError(code, "The article says no; wait for your turn.");
    });
    const result = await folder.run(["roster"]);
    expect(result).toMatchObject({ code: expected, out: "" });
    expect(result.err).toContain("federation: The article says no; wait for your turn.\n");
    const json = await folder.run(["roster", "--json"]);
    expect(JSON.parse(json.err)).toEqual({
      error: { code, message: "The article says no; wait for your turn.", details: {} },
    });
  });

  it("is 2 for a wrong command line, and for input that the node refuses", async () => {
    for (const argv of [
      ["launch"],
      ["mission", "explode"],
      ["send", "lead"],
      ["roster", "extra"],
      ["roster", "--frobnicate"],
      ["vote", id, "maybe", "--reason", "r"],
      ["task", "review", id, "shrug", "--reason", "r"],
      ["task", "hand-back", id, "--reason", "r"],
      ["task", "hand-back", id, "--fence", "one", "--reason", "r"],
      ["task", "show", "not-a-uuid"],
      ["vote", id, "yes"],
      ["roster", "--timeout", "soon"],
      ["--config", "/nowhere", "roster"],
      ["--url", "http://127.0.0.1:1", "roster"],
      [],
    ]) {
      expect(await folder.run(argv), argv.join(" ")).toMatchObject({ code: 2, out: "" });
    }
    expect(control.calls).toEqual([]);
    expect((await folder.run(["rostre"])).err).toContain("Did you mean roster?");
  });

  it("is 3 when no node answers, and when nothing says where one is", async () => {
    await endpoint.close();
    expect(await folder.run(["roster"])).toMatchObject({ code: 3, err: expect.stringContaining(endpoint.url) });
    await folder.remove();
    expect(await folder.run(["roster"])).toMatchObject({ code: 3, err: expect.stringContaining("pnpm dev") });
    endpoint = await startControlEndpoint({ control: control.service, tokens });
  });

  it("is 3 when the answer does not come in time, with the call id to ask again under", async () => {
    control.on("Remember", () => new Promise(() => {}));
    const { code, err } = await folder.run(["remember", "x", "--timeout", "0.05", "--call-id", "late-1"]);
    expect(code).toBe(3);
    expect(err).toContain("late-1");
  });

  it("is 4 for a token that is wrong, empty or missing, which is never shown", async () => {
    await writeFile(folder.tokenFile, "wrong-but-secret\n");
    const wrong = await folder.run(["roster"]);
    expect(wrong).toMatchObject({ code: 4, out: "" });
    expect(wrong.err).not.toContain("wrong-but-secret");
    await writeFile(folder.tokenFile, "");
    expect((await folder.run(["roster"])).code).toBe(4);
    expect((await folder.run(["roster", "--token-file", "/no/such/file"])).code).toBe(4);
  });

  it("is 0 for help and version, and help tells them all", async () => {
    const help = await folder.run(["--help"]);
    expect(help.code).toBe(0);
    for (const code of ["0 ", "1 ", "2 ", "3 ", "4 ", "130 "]) expect(help.out).toContain(`\n  ${code}`);
    expect((await folder.run(["--version"])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("the node", () => {
  it("is the one of the flags, else of the environment, else of the join folder, else of the local mesh", async () => {
    control.on("ListRoster", () => ({ actors: [] }));
    const { url } = endpoint;
    await writeFile(
      join(folder.stateFolder, "commander", "cli.json"),
      '{"url":"ws://127.0.0.1:1/mcp","tokenFile":"x"}',
    );
    const environment = { url, tokenFile: folder.tokenFile };
    expect((await folder.run(["roster"], { environment })).code).toBe(0);
    expect((await folder.run(["roster", "--url", "ws://127.0.0.1:1/mcp"], { environment })).code).toBe(3);
    const join1 = join(folder.stateFolder, "join");
    await mkdir(join(join1, "secrets"), { recursive: true });
    for (const name of ["token", "database-password", "broker-passcode"]) {
      await writeFile(join(join1, "secrets", name), token, { mode: 0o600 });
    }
    await writeFile(join(join1, "node.yaml"), nodeYaml(endpoint.port));
    const wrong = { url: "ws://127.0.0.1:1/mcp", tokenFile: "/none" };
    expect((await folder.run(["roster", "--config", join1], { environment: wrong })).code).toBe(0);
    expect((await folder.run(["roster", "--config", join(join1, "node.yaml")])).code).toBe(0);
  });
});

describe("doctor", () => {
  it("tells each fault once, and what to do about it", async () => {
    await chmod(folder.tokenFile, 0o644);
    const unready = await folder.run(["doctor"]);
    // The endpoint of this test speaks WebSocket only: for doctor, no node answers there.
    expect(unready.code).toBe(1);
    expect(unready.out).toContain("warning  token:");
    expect(unready.out).toMatch(/FAULT {4}node: No node answers at http:\/\/127\.0\.0\.1:\d+; start it/);
    expect(unready.out).not.toContain("control:");
    const broken = await folder.run(["doctor", "--config", "/nowhere", "--json"]);
    expect(broken.code).toBe(1);
    expect(JSON.parse(broken.out).checks.at(-1)).toMatchObject({ name: "configuration", state: "fault" });
  });
});

describe("model", () => {
  it("lists the catalogue, makes the fixture model, verifies it and says where it is", async () => {
    const list = await folder.run(["model", "list"]);
    expect(list.code).toBe(0);
    expect(list.out).toMatch(/smollm2-135m-instruct +absent/);
    const pulled = await folder.run(["model", "pull", "fixture", "--json"]);
    expect(pulled.code).toBe(0);
    const { path } = JSON.parse(pulled.out);
    expect(await folder.run(["model", "path", "fixture"])).toMatchObject({ code: 0, out: `${path}\n` });
    expect((await folder.run(["model", "verify", "fixture"])).out).toMatch(/sha256 +[0-9a-f]{64}/);
    expect(await folder.run(["model", "path", "smollm2-135m-instruct"])).toMatchObject({ code: 1, out: "" });
    expect((await folder.run(["model", "pull", "no-such-model"])).code).toBe(1);
  });
});

function nodeYaml(port: number): string {
  return [
    "node: { name: commander }",
    `listen: { port: ${port} }`,
    "database: { url: postgresql://login@127.0.0.1/federation, passwordFile: secrets/database-password }",
    "broker: { urls: ['stomp://127.0.0.1:61613'], login: commander, passcodeFile: secrets/broker-passcode }",
  ].join("\n");
}

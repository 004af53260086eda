import { MeshError } from "@federation/core";
import { idOf, task, taskRecord } from "@federation/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHandFedChanges, createHandFedControl, startControlEndpoint } from "../testing/index.ts";
import { connectPeer, type Peer, type PeerKind, peerKinds, type Told } from "../testing/peers.ts";
import { fixedResources, resourceFamilies, templateOf } from "./resource-table.ts";

const tokens = {
  ann: { actor: "ann", role: "developer" },
  bob: { actor: "bob", role: "analyst" },
  mute: { actor: "mute", role: "developer", scopes: ["act"] },
} as const;

const roof = taskRecord(task(21, { title: "Mend the roof" }));
const thread = {
  id: idOf(1),
  kind: "thread",
  title: "The roof",
  createdBy: "ann",
  createdAt: "2026-01-01T00:00:00.000Z",
  members: ["ann", "bob"],
  phase: null,
  outcome: null,
  messages: 0,
  due: 0,
  last: null,
};

let control = createHandFedControl();
let changes = createHandFedChanges();
let endpoint: Awaited<ReturnType<typeof startControlEndpoint>>;
const peers: Peer[] = [];

beforeEach(async () => {
  control = createHandFedControl();
  changes = createHandFedChanges();
  endpoint = await startControlEndpoint({ control: control.service, changes: changes.feed, tokens });
  control.on("ListTasks", () => ({ tasks: [roof] }));
  control.on("ListMissions", () => ({ missions: [] }));
  control.on("ListProposals", () => ({ proposals: [] }));
  control.on("ListConversations", () => ({ conversations: [thread] }));
});
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
  await endpoint.close();
});

async function connect(kind: PeerKind, token: keyof typeof tokens = "ann"): Promise<Peer> {
  const peer = await connectPeer(endpoint.url, token, kind);
  peers.push(peer);
  return peer;
}

const uris = (list: unknown) => (Array.isArray(list) ? list.map((it) => it.uri ?? it.uriTemplate) : []);
const isUpdate = (uri: string) => (told: Told) =>
  told.method === "notifications/resources/updated" && told.params["uri"] === uri;

describe.each(peerKinds)("for a client of kind %s", (kind) => {
  it("the resources of the table are there, and what exists of the families, by title", async () => {
    const peer = await connect(kind);
    const { resources } = await peer.request("resources/list");
    const open = {
      uri: `federation://tasks/${roof.id}`,
      title: "Mend the roof",
      mimeType: "application/json",
    };
    expect(uris(resources)).toEqual([...fixedResources.map((it) => it.uri), open.uri]);
    expect(resources).toContainEqual(expect.objectContaining(open));
    const { resourceTemplates } = await peer.request("resources/templates/list");
    expect(uris(resourceTemplates).sort()).toEqual(
      [
        "federation://events{?after}",
        "federation://memory{?query}",
        ...resourceFamilies.map((it) => templateOf(it.family)),
      ].sort(),
    );
  });

  it("a resource is read as its query answers, its parameters as arguments", async () => {
    control.on("RecallMemory", () => ({ episodes: [] }));
    control.on("ListEvents", () => ({ events: [], cursor: "1.2.3" }));
    const peer = await connect(kind);
    const read = async (uri: string) => {
      const { contents } = await peer.request("resources/read", { uri });
      return { contents, request: control.calls.at(-1)?.request };
    };
    expect(await read("federation://memory")).toMatchObject({
      contents: [{ uri: "federation://memory", mimeType: "application/json", text: '{"episodes":[]}' }],
    });
    expect(control.calls.at(-1)?.request).toEqual({ limit: 50 });
    expect((await read("federation://memory?query=clock%20drift%26jitter")).request).toMatchObject({
      query: "clock drift&jitter",
    });
    expect((await read("federation://events?after=1.2.3")).request).toMatchObject({ after: "1.2.3", waitMs: 0 });
    await expect(read(`federation://tasks/${idOf(7)}`)).rejects.toThrow(/gave no answer for ShowTask/);
    expect(control.calls.at(-1)?.request).toEqual({ task: idOf(7) });
  });

  it("what is not there, or could not be, is refused with a sentence", async () => {
    const peer = await connect(kind);
    const refused = (uri: string) => peer.request("resources/read", { uri }).catch((error: Error) => error.message);
    expect(await refused("federation://rockets")).toMatch(/not found/i);
    expect(await refused("federation://tasks/none")).toMatch(/task/);
    expect(await refused(`federation://memory?query=${"x".repeat(401)}`)).toMatch(/query: .*400/);
  });

  it("ids are completed by what they or their titles begin with", async () => {
    const peer = await connect(kind);
    const complete = async (uri: string, value: string) => {
      const { completion } = await peer.request("completion/complete", {
        ref: { type: "ref/resource", uri },
        argument: { name: "id", value },
      });
      return completion;
    };
    expect(await complete("federation://tasks/{id}", "")).toMatchObject({ values: [roof.id] });
    expect(await complete("federation://tasks/{id}", roof.id.slice(0, 9))).toMatchObject({
      values: [roof.id],
    });
    expect(await complete("federation://tasks/{id}", "mend")).toMatchObject({ values: [roof.id] });
    expect(await complete("federation://tasks/{id}", "f00")).toMatchObject({ values: [] });
    expect(await complete("federation://conversations/{id}", "the r")).toMatchObject({ values: [idOf(1)] });
    // Nobody gave an answer for the inbox: completion is none then, not a failure.
    expect(await complete("federation://messages/{id}", "")).toMatchObject({ values: [] });
  });

  it("a subscriber is told that its resource changed, parameters and all, and of no other", async () => {
    const peer = await connect(kind);
    const mine = `federation://tasks/${idOf(5)}`;
    await peer.subscribe(mine, "federation://events?after=1.2.3");
    changes.happens("ann", { kind: "TaskClaimed", subject: idOf(5) });
    await peer.hears(isUpdate(mine));
    await peer.hears(isUpdate("federation://events?after=1.2.3"));
    changes.happens("ann", { kind: "BallotCast", subject: idOf(6) }, { kind: "TaskSubmitted", subject: idOf(9) });
    changes.happens("ann", { kind: "TaskAccepted", subject: idOf(5) });
    await peer.hears((told) => told !== peer.told.find(isUpdate(mine)) && isUpdate(mine)(told));
    const told = peer.told
      .filter((it) => it.method === "notifications/resources/updated")
      .map((it) => it.params["uri"]);
    expect(told.filter((uri) => uri === mine)).toHaveLength(2);
    expect(new Set(told)).toEqual(new Set([mine, "federation://events?after=1.2.3"]));
  });

  it("what another actor may see is told to that one only", async () => {
    const [ann, bob] = [await connect(kind), await connect(kind, "bob")];
    await ann.subscribe("federation://charter");
    await bob.subscribe("federation://charter");
    changes.happens("bob", { kind: "CharterChanged" });
    await bob.hears(isUpdate("federation://charter"));
    changes.happens("ann", { kind: "CharterChanged" });
    await ann.hears(isUpdate("federation://charter"));
    expect(ann.told.filter(isUpdate("federation://charter"))).toHaveLength(1);
  });

  it("who gives a subscription up hears no more of it; who leaves is not watched for", async () => {
    const peer = await connect(kind);
    await peer.subscribe("federation://charter");
    await peer.subscribe("federation://roster");
    await peer.unsubscribe("federation://charter");
    // An answer to this comes after the request was given up.
    await peer.request("tools/list");
    changes.happens("ann", { kind: "CharterChanged" }, { kind: "NodeStarted" });
    await peer.hears(isUpdate("federation://roster"));
    expect(peer.told.filter(isUpdate("federation://charter"))).toEqual([]);
    await peer.close();
    await expect.poll(() => changes.watched()).toEqual([]);
  });

  it("is told that the list is another one when something new can be listed, at most once a second", async () => {
    const peer = await connect(kind);
    await peer.subscribe("federation://charter");
    const isList = (told: Told) => told.method === "notifications/resources/list_changed";
    for (let i = 0; i < 20; i++) changes.happens("ann", { kind: "MissionStarted", conversation: idOf(i) });
    await peer.hears(isList);
    changes.happens("ann", { kind: "CharterChanged" });
    await peer.hears(isUpdate("federation://charter"));
    expect(peer.told.filter(isList)).toHaveLength(1);
  });

  it("more subscriptions than a session may have are refused, and so is one that cannot be kept", async () => {
    const peer = await connect(kind);
    const many = Array.from({ length: 300 }, (_, n) => `federation://tasks/${idOf(n)}`);
    await expect(peer.subscribe(...many)).rejects.toThrow(/256/);
    const other = await connect(kind, "bob");
    changes.setAway(true);
    await expect(other.subscribe("federation://charter")).rejects.toThrow(/cannot be read now/);
  });
});

it("a subscription to what could not be there is refused, with where to look", async () => {
  const peer = await connect("older");
  await expect(peer.subscribe("federation://rockets/7")).rejects.toThrow(/resources\/templates\/list/);
});

it("a client that may not read is listed what there is in general, and no row", async () => {
  control.on("ListTasks", () => {
    throw new MeshError("forbidden", "This token may not read.");
  });
  for (const name of ["ListMissions", "ListProposals"] as const) {
    control.on(name, () => {
      throw new MeshError("forbidden", "This token may not read.");
    });
  }
  const { resources } = await (await connect("2026", "mute")).request("resources/list");
  expect(uris(resources)).toEqual(fixedResources.map((it) => it.uri));
});

it("no listen request is answered as ended when a session goes over to another process", async () => {
  const sent: unknown[] = [];
  const other = await startControlEndpoint({
    control: control.service,
    changes: changes.feed,
    tokens,
    onSend: (message) => void sent.push(message),
  });
  const peer = await connectPeer(other.url, "ann", "2026");
  await peer.subscribe("federation://charter");
  await other.sessions.closeAll();
  expect(sent.filter((message) => Reflect.has(Object(message), "result"))).toHaveLength(1);
  expect(sent.at(-1)).toMatchObject({ method: "notifications/subscriptions/acknowledged" });
  await peer.close();
  await other.close();
});

import { createHandFedControl, startControlEndpoint } from "@federation/mcp/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCliFolder, token } from "../testing/cli-run.ts";

let fed = createHandFedControl();
let endpoint: Awaited<ReturnType<typeof startControlEndpoint>>;
let folder: Awaited<ReturnType<typeof createCliFolder>>;
beforeEach(async () => {
  fed = createHandFedControl();
  endpoint = await startControlEndpoint({
    control: fed.service,
    tokens: { [token]: { actor: "commander", role: "commander" } },
  });
  folder = await createCliFolder(endpoint.url);
});
afterEach(async () => {
  await endpoint.close();
  await folder.remove();
});

const page = (over: object = {}) => ({
  id: "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0001",
  actor: "commander",
  origin: "http://127.0.0.1:7400",
  state: "live",
  reason: "",
  createdAt: "2026-01-02T03:04:05.000Z",
  usedAt: "2026-01-02T03:14:05.000Z",
  expiresAt: "2026-01-02T15:14:05.000Z",
  ...over,
});

test("pages are listed with where they are and how they stand", async () => {
  const ended = { id: "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0002", state: "ended", reason: "by the \u001b[31mcommander" };
  fed.on("ListPageSessions", () => ({ sessions: [page(), page(ended)], here: page().id }));
  const { out } = await folder.run(["page", "list", "--all"]);
  expect(out).toMatch(
    /0001 +commander +live +2026-01-02 03:14:05 +2026-01-02 15:14:05 +http:\/\/127\.0\.0\.1:7400 +this one/,
  );
  expect(out).toMatch(/0002 +commander +ended .* by the .*commander/);
  expect(out).not.toContain("\u001b[31m");
  fed.on("ListPageSessions", () => ({ sessions: [], here: null }));
  expect((await folder.run(["page", "list"])).out).toContain("There are no pages.");
  expect(fed.calls.map((call) => call.request)).toMatchObject([{ live: false }, { live: true }]);
});

test("a page is ended by its id", async () => {
  fed.on("EndPageSession", () => ({ done: true }));
  const { out } = await folder.run(["page", "end", page().id]);
  expect(out).toContain("it comes back no more");
  expect(fed.calls.map((call) => call.request)).toEqual([{ session: page().id }]);
});

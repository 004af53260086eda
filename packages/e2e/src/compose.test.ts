/**
 * `docker-compose.yml` against the Compose specification's schema and against this repository. That the containers work
 * together is not shown here: no image can be had on every machine.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { nodeOptionTable } from "@federation/daemon";
import { DCLinter } from "dclint";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type ComposeFile, readComposeFile, type Service } from "./compose/compose-file.ts";

const root = path.join(import.meta.dirname, "../../..");
const file = path.join(root, "docker-compose.yml");
const installed = "/opt/federation/";

const lintResultsSchema = z.array(
  z.object({ messages: z.array(z.object({ line: z.number(), rule: z.string(), message: z.string() })) }),
);

let compose: ComposeFile;
let services: [string, Service][];
let nodes: [string, Service][];

beforeAll(async () => {
  compose = await readComposeFile(file);
  services = Object.entries(compose.services);
  nodes = services.filter(([, service]) => service.command.join(" ").includes("federationd"));
});

const exists = (inside: string) =>
  stat(path.join(root, inside)).then(
    () => true,
    () => false,
  );

/** Breaches of the schema and of dclint's rules that are not about taste. */
function lint(path: string): string[] {
  const error = 2;
  const linter = new DCLinter({
    rules: {
      "no-build-and-image": 0, // The image is built once and named, so that four services share it.
      "no-duplicate-container-names": error,
      "no-duplicate-exported-ports": error,
      "no-unbound-port-interfaces": error,
      "no-version-field": error,
      "service-image-require-explicit-tag": 0, // Ours are built here; the others are looked at below.
      "require-project-name-field": error,
      "services-alphabetical-order": 0,
      "service-keys-order": 0,
      "service-dependencies-alphabetical-order": 0,
      "service-ports-alphabetical-order": 0,
      "top-level-properties-order": 0,
      "no-quotes-in-volumes": 0,
      "require-quotes-in-ports": 0,
    },
    quiet: true,
    debug: false,
    exclude: [],
  });
  // Its types do not resolve without a bundler: what it answers is read like any other foreign value.
  const results = lintResultsSchema.parse(linter.lintFiles([path], false));
  if (results.length !== 1) throw new Error(`dclint looked at ${results.length} files`);
  return results.flatMap((result) => result.messages.map((it) => `${it.line}: ${it.rule}: ${it.message}`));
}

test("the file follows the Compose schema", () => {
  expect(lint(file)).toEqual([]);
});

test.each([
  ["an unknown key", /image: postgres/, "imagee: postgres", "invalid-schema"],
  ["a wrong type", /interval: 5s/, "interval: [5]", "invalid-schema"],
  ["a port open to the world", /127\.0\.0\.1:7400:7400/, "7400:7400", "no-unbound-port-interfaces"],
])("the schema check sees %s", async (_, pattern, instead, rule) => {
  const folder = await mkdtemp(path.join(tmpdir(), "federation-compose-"));
  const copy = path.join(folder, "docker-compose.yml");
  await writeFile(copy, (await readFile(file, "utf8")).replace(pattern, instead));
  expect(lint(copy)).toEqual([expect.stringContaining(rule)]);
  await rm(folder, { recursive: true });
});

describe("the file and the repository agree", () => {
  test("there are the four nodes of the profiles, PostgreSQL 18, a broker and an init", async () => {
    expect(nodes.map(([name]) => name).sort()).toEqual(["aorus-3090", "baby", "commander", "taichi-5090"]);
    for (const [name] of nodes) expect(await exists(`deploy/nodes/${name}.yaml`), name).toBe(true);
    expect(compose.services["postgres"]?.image).toMatch(/^postgres:18(\.\d+)?-/);
    expect(compose.services["init"]).toBeDefined();
    const pom = await readFile(path.join(root, "deploy/activemq/pom.xml"), "utf8");
    const [, major, minor, patch] = /<activemq.version>(\d+)\.(\d+)\.(\d+)</.exec(pom) ?? [];
    // Below 6.2.9 there are known weaknesses.
    const version = Number(major) * 1e6 + Number(minor) * 1e3 + Number(patch);
    expect(version).toBeGreaterThanOrEqual(6_002_009);
  });

  test("what is built and mounted from the repository is there", async () => {
    const needed = services.flatMap(([, { build, volumes }]) => [
      ...(build === undefined ? [] : [build.dockerfile]),
      ...volumes.map((it) => it.split(":")[0] ?? "").filter((source) => source.startsWith(".")),
    ]);
    expect(needed).toContain("./deploy/activemq/activemq.xml");
    for (const inside of new Set(needed)) expect(await exists(inside), inside).toBe(true);
  });

  test("each build target is a stage of the Dockerfile, and what that copies is there", async () => {
    const dockerfile = await readFile(path.join(root, "deploy/Dockerfile"), "utf8");
    const stages = [...dockerfile.matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, name]) => name);
    for (const [, { build }] of services) if (build !== undefined) expect(stages).toContain(build.target);
    for (const [, source = ""] of dockerfile.matchAll(/^COPY (?!--from)(\S+) /gm)) {
      expect(await exists(source), source).toBe(true);
    }
  });

  test("what runs inside the images is there", async () => {
    const words = services.flatMap(([, it]) => [...it.command, ...it.entrypoint, ...(it.healthcheck?.test ?? [])]);
    const programs = words
      .map((word) => (word.startsWith(installed) ? word.slice(installed.length) : word))
      .filter((word) => /^(packages|deploy)\//.test(word));
    expect(new Set(programs).size).toBeGreaterThanOrEqual(4);
    for (const program of programs) expect(await exists(program), program).toBe(true);
  });

  test("every variable of a node is one that its configuration knows", () => {
    const known = new Set(nodeOptionTable.map((row) => row.env));
    for (const [name, { environment }] of nodes) {
      for (const variable of Object.keys(environment)) {
        if (variable !== "FED_INSECURE") expect(known.has(variable), `${name}: ${variable}`).toBe(true);
      }
    }
  });

  test("a node's port is the one that is asked for its health and published", () => {
    for (const [name, { environment, healthcheck, ports }] of nodes) {
      const port = environment["FEDERATION_LISTEN_PORT"];
      expect(healthcheck?.test.at(-1), name).toBe(`http://127.0.0.1:${port}/readyz`);
      for (const published of ports) expect(published.split(":").at(-1)).toBe(port);
    }
  });

  test("the broker is asked on the port that its configuration opens", async () => {
    const xml = await readFile(path.join(root, "deploy/activemq/activemq.xml"), "utf8");
    const port = /stomp\+nio:\/\/0\.0\.0\.0:(\d+)/.exec(xml)?.[1];
    expect(compose.services["activemq"]?.healthcheck?.test.join(" ")).toContain(`127.0.0.1/${port}`);
    const init = await readFile(path.join(root, "deploy/compose/init.sh"), "utf8");
    expect(init).toContain(`stomp://activemq:${port}`);
    // Every actor that init adds has its entry in the broker's law.
    for (const [name] of nodes) expect(xml).toContain(`queue="federation.${name}"`);
  });

  test("nothing is published beyond loopback", () => {
    const published = services.flatMap(([, { ports }]) => ports);
    expect(published).toHaveLength(1);
    for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });
});

describe("the file is whole in itself", () => {
  test("every service is watched, but init, which ends", () => {
    const watched = services.filter(([, it]) => it.healthcheck !== undefined).map(([name]) => name);
    expect(services.map(([name]) => name).filter((name) => !watched.includes(name))).toEqual(["init"]);
  });

  test("named volumes are declared and used, and every node has a state of its own", () => {
    const used = services.flatMap(([, it]) => it.volumes.map((volume) => volume.split(":")[0] ?? ""));
    const named = new Set(used.filter((source) => !source.startsWith(".")));
    expect([...named].sort()).toEqual(Object.keys(compose.volumes).sort());
    for (const [name, { volumes }] of nodes) {
      expect(volumes).toContain(`join-${name}:/join:ro`);
      expect(volumes).toContain(`state-${name}:/var/lib/federation`);
    }
  });

  test("secrets are files that git does not see and no image takes in", async () => {
    const used = new Set(services.flatMap(([, it]) => it.secrets));
    expect([...used].sort()).toEqual(Object.keys(compose.secrets).sort());
    for (const { file: secret } of Object.values(compose.secrets)) {
      await expect(promisify(execFile)("git", ["check-ignore", secret], { cwd: root })).resolves.toBeDefined();
      const ignored = (await readFile(path.join(root, ".dockerignore"), "utf8")).split("\n");
      expect(ignored).toContain(secret.split("/")[0]);
    }
    const text = await readFile(file, "utf8");
    expect(text).not.toMatch(/(password|passcode|token)\w*:\s+(?!\/run\/secrets)\S/i);
  });

  test("a service waits for the health of what it needs", () => {
    for (const [name, { depends_on: needs }] of services) {
      for (const [other, { condition }] of Object.entries(needs)) {
        expect(Object.keys(compose.services), name).toContain(other);
        expect(condition).toBe(other === "init" ? "service_completed_successfully" : "service_healthy");
      }
    }
  });
});

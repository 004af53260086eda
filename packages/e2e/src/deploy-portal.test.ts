/**
 * The portal's page is the one part of a node that is built. Whatever this repository says about how a node is brought
 * somewhere must bring it along: that no page is missing shows only when somebody opens it. What the image is built by
 * cannot be run on every machine; it is read.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { repository } from "@federation/daemon/testing";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { readComposeFile } from "./compose/compose-file.ts";

const root = path.join(import.meta.dirname, "../../..");
const read = (inside: string) => readFile(path.join(root, inside), "utf8");
/** Where federationd takes the page from, in an image and in a checkout in its place. */
const served = "/opt/federation/packages/portal/dist";

interface Stage {
  readonly name: string;
  readonly base: string;
  /** Instructions, each on one line. */
  readonly lines: readonly string[];
}

function stagesOf(dockerfile: string): readonly Stage[] {
  const whole = dockerfile.replaceAll(/^#.*\n/gm, "").replaceAll(/\\\n\s*/g, "");
  return whole.split(/^(?=FROM )/m).flatMap((text) => {
    const [, base, name] = /^FROM (\S+) AS (\S+)$/m.exec(text) ?? [];
    return base === undefined || name === undefined ? [] : [{ name, base, lines: text.trim().split("\n").slice(1) }];
  });
}

/** What is wrong with the page in the image that this stage is. */
function problemsOf(dockerfile: string, target: string): string[] {
  const stages = stagesOf(dockerfile);
  const lines = stages.find((it) => it.name === target)?.lines ?? [];
  const [, from, source] =
    lines.map((line) => /^COPY --from=(\S+) (\S+) (\S+)$/.exec(line)).find((it) => it?.[3] === served) ?? [];
  if (from === undefined) return ["the page is not copied to where it is served from"];
  const problems: string[] = [];
  if (source !== served) problems.push("what is copied is not what is built");
  const maker = stages.find((it) => it.name === from);
  const runs = (maker?.lines ?? []).filter((line) => line.startsWith("RUN ")).join(" && ");
  const install = runs.search(/pnpm@12 install (?!--prod)[^&]*--filter "@federation\/portal\.\.\."/);
  const build = runs.search(/federation\.mjs portal --build/);
  if (build < 0) problems.push("nothing builds the page");
  if (install < 0) problems.push("what builds the page is not installed");
  if (build >= 0 && install > build) problems.push("what builds the page is installed too late");
  // Into the shipped dependencies nothing of it may get.
  if (lines.some((line) => line.startsWith(`COPY --from=${from} /opt/federation `)))
    problems.push("what builds the page is shipped");
  return problems;
}

describe("the image of the nodes", () => {
  test("holds the page, built in a stage whose dependencies are not shipped", async () => {
    const { services } = await readComposeFile(path.join(root, "docker-compose.yml"));
    const target = services["commander"]?.build?.target ?? "";
    expect(problemsOf(await read("deploy/Dockerfile"), target)).toEqual([]);
  });

  test.each([
    ["without the copy", /^COPY --from=portal .*\n/m, "", "the page is not copied to where it is served from"],
    [
      "copied elsewhere",
      /dist \/opt\/federation\/packages\/portal\/dist$/m,
      "dist /opt/portal",
      "the page is not copied",
    ],
    [
      "copied from elsewhere",
      "--from=portal /opt/federation/packages/portal/dist",
      "--from=portal /dist",
      "is not what is built",
    ],
    ["without the build", / \\\n\s+&& deploy\/bin\/node24 .*portal --build/, "", "nothing builds the page"],
    [
      "built with what is shipped",
      '--filter "@federation/portal..."',
      '--filter "@federation/core..."',
      "is not installed",
    ],
    [
      "built for production",
      "install --frozen-lockfile --filter",
      "install --prod --frozen-lockfile --filter",
      "is not installed",
    ],
    [
      "with what builds it",
      "COPY --from=install /opt/federation ",
      "COPY --from=portal /opt/federation ",
      "is shipped",
    ],
  ] as const)("%s would be found", async (_what, pattern, instead, problem) => {
    const dockerfile = await read("deploy/Dockerfile");
    const changed = dockerfile.replace(pattern, instead);
    expect(changed).not.toBe(dockerfile);
    expect(problemsOf(changed, "node")).toEqual([expect.stringContaining(problem)]);
  });

  test("takes in no page, and no dependencies, that this machine happens to have", async () => {
    const ignored = (await read(".dockerignore")).split("\n");
    expect(ignored).toEqual(expect.arrayContaining(["**/dist", "**/node_modules", "packages/e2e/output"]));
    // Nor is one in the repository, which would be older than what it is made of.
    expect((await read(".gitignore")).split("\n")).toContain("dist/");
  });
});

describe("a checkout in its place", () => {
  const commands = async (heading: string) => {
    const operations = await read("docs/operations.md");
    const [, section = ""] = operations.split(`\n## ${heading}\n`);
    return /```\n([\s\S]*?)```/.exec(section.split("\n## ")[0] ?? "")?.[1] ?? "";
  };

  test("gets its page between its dependencies and its first start, by a script that is there", async () => {
    const text = await commands("systemd");
    const at = ["pnpm@12 install", "pnpm@12 build:portal", "systemctl enable"].map((step) => text.indexOf(step));
    expect(at[0]).toBeGreaterThan(-1);
    expect(at).toEqual([...at].sort((a, b) => a - b));
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(await read("package.json")));
    expect(scripts["build:portal"]).toMatch(/federation\.mjs portal --build$/);
  });

  test("may read the page as the unit lets it: it is built before, into what the unit only reads", async () => {
    const unit = await read("deploy/systemd/federationd@.service");
    expect(unit).toContain("ProtectSystem=strict");
    expect(unit).not.toMatch(/ReadWritePaths|InaccessiblePaths/);
    // From where its own checkout has it: the unit starts the federationd of the folder that it is built in.
    const [, checkout = ""] = /^ExecStart=(\/\S+)\/deploy\/bin\/node24 packages\//m.exec(unit) ?? [];
    expect(path.join(checkout, path.relative(repository.root, repository.portal))).toBe(served);
  });
});

import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type GitWorld, openGitWorld } from "../testing/git-world.ts";
import { install, isBare, uninstall } from "./install.ts";
import { status } from "./status.ts";

let world: GitWorld;
let repository: string;
let count = 0;

beforeAll(async () => {
  world = await openGitWorld();
});
afterAll(() => world.close());
beforeEach(() => {
  repository = path.join(world.root, `plain ${++count}`);
  world.git(world.root, ["clone", "--quiet", world.server, repository]);
});

const config = (key: string, folder = repository): string => world.git(folder, ["config", "--get", key]).out;
const setUp = (folder = repository): ReturnType<typeof install> =>
  install({ repository: folder, command: world.command, actor: { name: "aorus", keyFile: world.keyFile("aorus") } });
function hook(name: string, text: string, folder = path.join(repository, ".git/hooks")): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}
async function commit(): Promise<{ code: number; said: string }> {
  const claim = await world.book.claimed("aorus", []);
  world.write(repository, "src/new.ts", `${count}\n`);
  world.git(repository, ["add", "."]);
  const ran = world.git(repository, ["commit", "--quiet", "-m", "M"]);
  await world.book.handedBack(claim);
  return ran;
}

describe("installing", () => {
  test("makes a clone sign as its actor and start the command by its whole path", async () => {
    expect(await setUp()).toMatchObject({ sides: ["clone"], chained: [] });
    expect(config("user.email")).toBe("aorus@federation.invalid");
    expect(config("gpg.format")).toBe("ssh");
    expect(config("commit.gpgsign")).toBe("true");
    expect(readFileSync(path.join(config("core.hooksPath"), "pre-commit"), "utf8")).toContain(
      world.command.map((it) => `'${it}'`).join(" "),
    );
    expect(await status(repository)).toMatchObject({ installed: true, inForce: true, actor: "aorus", problems: [] });
  });

  test("twice is as good as once, and forgets nothing of what was there before", async () => {
    world.git(repository, ["config", "user.name", "Somebody"]);
    await setUp();
    await setUp();
    expect((await status(repository)).inForce).toBe(true);
    expect(await uninstall(repository)).toEqual([]);
    expect(config("user.name")).toBe("Somebody");
  });

  test("of a bare repository takes the server's side, and checks objects", async () => {
    const { sides } = await status(world.server);
    expect(sides).toEqual(["server"]);
    expect([await isBare(world.server), await isBare(repository)]).toEqual([true, false]);
    expect(config("receive.fsckObjects", world.server)).toBe("true");
    await expect(
      install({ repository: world.server, command: world.command, actor: { name: "aorus", keyFile: "x" } }),
    ).rejects.toThrow("Nobody commits in a server's repository");
  });

  test("refuses a program without a whole path, an unknown actor's name and a key that is not there", async () => {
    await expect(install({ repository, command: ["node", "x"] })).rejects.toThrow("absolute path");
    const actor = { name: "Mallory\n[core]", keyFile: world.keyFile("aorus") };
    await expect(install({ repository, command: world.command, actor })).rejects.toThrow("no actor's name");
    const keyless = { name: "aorus", keyFile: path.join(world.root, "none") };
    await expect(install({ repository, command: world.command, actor: keyless })).rejects.toThrow("not there");
    expect((await status(repository)).installed).toBe(false);
  });

  test("of one side leaves the hooks of the other where they are", async () => {
    const other = path.join(world.root, `both-${count}.git`);
    world.git(world.root, ["clone", "--quiet", "--bare", world.server, other]);
    const names = async (folder: string): Promise<readonly string[]> =>
      (await status(folder)).hooks.map((it) => it.name);
    const all = ["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "pre-receive"];
    await setUp();
    const both = await install({ repository, command: world.command, sides: ["server"] });
    expect(both.sides).toEqual(["clone", "server"]);
    expect(await names(repository)).toEqual(all);
    expect(await status(repository)).toMatchObject({ inForce: true, actor: "aorus", problems: [] });
    expect(config("receive.fsckObjects")).toBe("true");
    await setUp();
    expect(await names(repository)).toEqual(all);
    await install({ repository: other, command: world.command });
    await install({ repository: other, command: world.command, sides: ["clone"] });
    expect((await names(other)).toSorted()).toEqual(all.toSorted());
    expect((await status(other)).problems).toEqual([]);
  });

  test("of a server again leaves its reserved refs alone, unless it names others", async () => {
    const server = path.join(world.root, `reserved-${count}.git`);
    world.git(world.root, ["clone", "--quiet", "--bare", world.server, server]);
    const again = async (reserved?: readonly string[]): Promise<readonly string[]> => {
      await install({ repository: server, command: world.command, ...(reserved === undefined ? {} : { reserved }) });
      return (await status(server)).reserved;
    };
    expect(await again()).toEqual([]);
    expect(await again(["refs/heads/main", "refs/heads/release/**"])).toEqual([
      "refs/heads/main",
      "refs/heads/release/**",
    ]);
    expect(await again()).toEqual(["refs/heads/main", "refs/heads/release/**"]);
    expect(await again(["refs/heads/main"])).toEqual(["refs/heads/main"]);
    await expect(again(["main"])).rejects.toThrow('"main" names no ref; write it as refs/heads/main.');
    await expect(again(["refs/heads/v[0-9]"])).rejects.toThrow("no wildcards but * and **");
    await expect(again(["refs/heads/"])).rejects.toThrow("is no pattern of refs");
    expect((await status(server)).reserved).toEqual(["refs/heads/main"]);
    await uninstall(server);
    expect(config("federation.reserved", server)).toBe("");
  });

  test("a command with quotes and blanks in its paths is started as it is", async () => {
    const odd = path.join(world.root, `it's "odd" $HOME`);
    mkdirSync(odd, { recursive: true });
    const program = path.join(odd, "program");
    writeFileSync(program, `#!/bin/sh\nprintf '%s|' "$@" > "${world.root}/args-${count}"\nexit 0\n`, { mode: 0o755 });
    await install({ repository, command: [program, "a b", "$(touch x)", "'"] });
    world.write(repository, "a", "a");
    world.git(repository, ["add", "."]);
    world.git(repository, ["-c", "user.name=a", "-c", "user.email=a", "commit", "-m", "M"]);
    expect(readFileSync(path.join(world.root, `args-${count}`), "utf8")).toBe("a b|$(touch x)|'|git|hook|post-commit|");
  });

  test("a program that has gone is a refusal, not a hook that is left out", async () => {
    const program = path.join(world.root, `gone-${count}`);
    writeFileSync(program, "#!/bin/sh\n", { mode: 0o755 });
    await install({ repository, command: [program] });
    rmSync(program);
    const ran = world.git(repository, [
      "-c",
      "user.name=a",
      "-c",
      "user.email=a",
      "commit",
      "--allow-empty",
      "-m",
      "M",
    ]);
    expect(ran.code).not.toBe(0);
    expect(ran.said).toContain("install the guard again");
  });
});

describe("hooks that were there", () => {
  test("are run first, and can still refuse", async () => {
    hook("pre-commit", "echo mine >> ran; exit 0");
    hook("commit-msg", `echo "Change-Id: I1" >> "$1"`);
    hook("post-checkout", "echo checkout >> ran");
    expect((await setUp()).chained).toEqual(["commit-msg", "post-checkout", "pre-commit"]);
    world.git(repository, ["checkout", "--quiet", "-b", "other"]);
    expect(await commit()).toMatchObject({ code: 0 });
    expect(readFileSync(path.join(repository, "ran"), "utf8")).toBe("checkout\nmine\n");
    expect(world.git(repository, ["log", "-1", "--format=%B"]).out).toMatch(
      /Federation-Actor: aorus\nChange-Id: I1\n$/,
    );
    hook("pre-commit", "echo no >&2; exit 3");
    const refused = await commit();
    expect(refused.code).not.toBe(0);
    expect(refused.said).toContain("no");
  });

  test("that change what is committed do so before it is judged", async () => {
    hook("pre-commit", "echo x > OUTSIDE; git add OUTSIDE");
    await setUp();
    const claim = await world.book.claimed("aorus", ["src/**"]);
    world.write(repository, "src/new.ts", "x\n");
    world.git(repository, ["add", "src"]);
    const ran = world.git(repository, ["commit", "--quiet", "-m", "M"]);
    await world.book.handedBack(claim);
    expect(ran.code).not.toBe(0);
    expect(ran.said).toContain(`it changes "OUTSIDE"`);
  });

  test("of a folder that the configuration named are run from there, and named again afterwards", async () => {
    hook("pre-push", "echo pushed > pushed", path.join(repository, ".husky"));
    hook("pre-commit", "echo mine > ran", path.join(repository, ".husky"));
    world.git(repository, ["config", "core.hooksPath", ".husky"]);
    await setUp();
    expect(await commit()).toMatchObject({ code: 0 });
    expect(existsSync(path.join(repository, "ran"))).toBe(true);
    world.git(repository, ["push", "--quiet", "origin", `HEAD:refs/heads/husky-${count}`]);
    expect(existsSync(path.join(repository, "pushed"))).toBe(true);
    await uninstall(repository);
    expect(config("core.hooksPath")).toBe(".husky");
    expect(existsSync(path.join(repository, ".husky/pre-push"))).toBe(true);
  });

  test("of a server are given what git gives them, and both must agree", async () => {
    const server = path.join(world.root, `server-${count}.git`);
    world.git(world.root, ["clone", "--quiet", "--bare", world.server, server]);
    hook("pre-receive", "cat > seen; grep -q forbidden seen && exit 1; exit 0", path.join(server, "hooks"));
    await install({ repository: server, command: world.command });
    const commits = (message: string, key: string): string =>
      world.forge(repository, { files: { "docs/x.md": message }, message, author: "rob", key });
    const push = (id: string, ref: string): { code: number } =>
      world.git(repository, ["push", "--quiet", server, `${id}:refs/heads/${ref}`]);
    const good = commits("Good\n", "rob");
    expect(push(good, "good")).toMatchObject({ code: 0 });
    expect(readFileSync(path.join(server, "seen"), "utf8")).toBe(`${"0".repeat(40)} ${good} refs/heads/good\n`);
    expect(push(good, "forbidden").code).not.toBe(0);
    expect(push(commits("Forged\n", "aorus"), "forged").code).not.toBe(0);
  });
});

describe("a server that is moved", () => {
  test("goes on judging, because a folder of hooks that git does not find would be passed over in silence", async () => {
    const before = path.join(world.root, `before-${count}.git`);
    const after = path.join(world.root, `after-${count}.git`);
    world.git(world.root, ["clone", "--quiet", "--bare", world.server, before]);
    await install({ repository: before, command: world.command });
    renameSync(before, after);
    expect(await status(after)).toMatchObject({ inForce: true, problems: [] });
    const forged = world.forge(repository, { files: { a: "a" }, message: "M\n", author: "aorus", key: null });
    const ran = world.git(repository, ["push", "--quiet", after, `${forged}:refs/heads/moved`]);
    expect(ran.code).not.toBe(0);
    expect(ran.said).toContain("it is not signed");
    expect(await uninstall(after)).toEqual([]);
  });
});

describe("taking it out", () => {
  test("leaves the repository as it was found", async () => {
    const before = readFileSync(path.join(repository, ".git/config"), "utf8");
    hook("pre-commit", "exit 0");
    await setUp();
    expect(await uninstall(repository)).toEqual([]);
    const settings = (text: string): readonly string[] => text.split("\n").filter((line) => line.startsWith("\t"));
    expect(settings(readFileSync(path.join(repository, ".git/config"), "utf8"))).toEqual(settings(before));
    expect(existsSync(path.join(repository, ".git/federation"))).toBe(false);
    expect(existsSync(path.join(repository, ".git/hooks/pre-commit"))).toBe(true);
    await expect(uninstall(repository)).rejects.toThrow("not installed");
  });

  test("leaves what somebody has changed since, and says so", async () => {
    await setUp();
    world.git(repository, ["config", "user.name", "Changed"]);
    expect(await uninstall(repository)).toEqual(["user.name was changed since and stays: Changed"]);
    expect(config("user.name")).toBe("Changed");
  });
});

describe("the status names what takes the guard's effect", () => {
  const hooks = (): string => path.join(repository, ".git/federation/hooks");
  beforeEach(async () => {
    await setUp();
  });

  test.each<[string, () => void, string]>([
    [
      "an edited script",
      () => writeFileSync(path.join(hooks(), "pre-commit"), "#!/bin/sh\nexit 0\n"),
      "pre-commit is changed",
    ],
    ["a removed script", () => rmSync(path.join(hooks(), "commit-msg")), "commit-msg is missing"],
    [
      "a script that cannot run",
      () => chmodSync(path.join(hooks(), "post-commit"), 0o644),
      "post-commit is not executable",
    ],
    ["an added script", () => writeFileSync(path.join(hooks(), "pre-push"), "#!/bin/sh\n"), "pre-push is not ours"],
    [
      "another folder of hooks",
      () => void world.git(repository, ["config", "core.hooksPath", "/dev/null"]),
      "looked for elsewhere",
    ],
    [
      "signing switched off",
      () => void world.git(repository, ["config", "commit.gpgsign", "false"]),
      "commit.gpgsign is false",
    ],
    [
      "another actor",
      () => void world.git(repository, ["config", "federation.actor", "rob"]),
      "federation.actor is rob",
    ],
    ["a moved folder", () => renameSync(hooks(), `${hooks()}-away`), "pre-commit is missing"],
  ])("%s", async (_, tamper, said) => {
    expect((await status(repository)).inForce).toBe(true);
    tamper();
    const { inForce, problems } = await status(repository);
    expect(inForce).toBe(false);
    expect(problems.join("\n")).toContain(said);
  });

  test("a worktree that looks for its hooks elsewhere", async () => {
    const folder = path.join(world.root, `worktree ${count}`);
    world.git(repository, ["worktree", "add", "--quiet", "-b", `worktree-${count}`, folder]);
    expect((await status(repository)).inForce).toBe(true);
    world.git(repository, ["config", "extensions.worktreeConfig", "true"]);
    world.git(folder, ["config", "--worktree", "core.hooksPath", "/dev/null"]);
    expect((await status(repository)).problems).toEqual([expect.stringContaining(`looked for elsewhere in ${folder}`)]);
  });

  test("another program than the one who asks would start", async () => {
    const { problems } = await status(repository, ["/usr/bin/true"]);
    expect(problems[0]).toContain("another program");
  });
});

describe("one repository of several actors", () => {
  test("has an actor for each worktree, and both are taken out", async () => {
    await setUp();
    const folder = path.join(world.root, `baby ${count}`);
    world.git(repository, ["worktree", "add", "--quiet", "-b", `baby-${count}`, folder]);
    const actor = { name: "baby", keyFile: world.keyFile("baby"), onlyThisWorktree: true };
    await install({ repository: folder, command: world.command, actor });
    expect(config("federation.actor")).toBe("aorus");
    expect(config("federation.actor", folder)).toBe("baby");
    expect(await status(repository)).toMatchObject({ inForce: true, problems: [] });
    const claim = await world.book.claimed("baby", ["docs/**"]);
    world.write(folder, "docs/baby.md", "Mine.\n");
    world.git(folder, ["add", "."]);
    expect(world.git(folder, ["commit", "--quiet", "-m", "M"])).toMatchObject({ code: 0, said: "" });
    expect(world.git(folder, ["push", "--quiet", "origin", "HEAD"])).toMatchObject({ code: 0 });
    await world.book.handedBack(claim);
    expect(await uninstall(repository)).toEqual([]);
    expect(config("federation.actor", folder)).toBe("");
    expect(config("core.hooksPath", folder)).toBe("");
  });
});

import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openOrTell, openSecretLink } from "./open-link.ts";

/** How long a condition is waited for on a busy machine. */
const patience = { timeout: 10_000 };

const link = "http://127.0.0.1:7400/portal/#ticket=s3cret";
/** Where programs of all users put what they keep for a while. */
let shared: string;
beforeEach(async () => {
  shared = await mkdtemp(join(tmpdir(), "fed-open-"));
});
afterEach(() => rm(shared, { recursive: true, force: true }));

/** A browser that starts, and keeps what it was given. */
function browser() {
  const addresses: string[] = [];
  let unrefs = 0;
  const start = async (address: string) => {
    addresses.push(address);
    return { unref: () => void unrefs++ };
  };
  return { addresses, start, unrefs: () => unrefs };
}

describe("a secret link", () => {
  it("reaches the browser in a file that only this user can read, and never as an argument", async () => {
    const { addresses, start, unrefs } = browser();
    await openSecretLink(link, { start, folder: shared });
    expect(addresses).toEqual([expect.stringMatching(/^file:\/\/\/.*\/open\.html$/)]);
    expect(addresses[0]).not.toContain("s3cret");
    const file = fileURLToPath(addresses[0] ?? "");
    expect((await lstat(file)).mode & 0o777).toBe(0o600);
    expect((await lstat(dirname(file))).mode & 0o777).toBe(0o700);
    expect(await readFile(file, "utf8")).toContain(`location.replace(${JSON.stringify(link)})`);
    // Nobody waits for the browser to end.
    expect(unrefs()).toBe(1);
  });

  it("cannot end the script that leads on to it", async () => {
    const { addresses, start } = browser();
    await openSecretLink(`${link}</script><script>alert(1)</script>"\\`, { start, folder: shared });
    const page = await readFile(fileURLToPath(addresses[0] ?? ""), "utf8");
    expect(page.match(/<\/?script/g)).toEqual(["<script", "</script"]);
    const target = /location\.replace\((.*)\)<\/script>/.exec(page)?.[1] ?? "";
    expect(JSON.parse(target)).toBe(`${link}</script><script>alert(1)</script>"\\`);
  });

  it("is gone from the disk after a while", async () => {
    await openSecretLink(link, { start: browser().start, folder: shared, keptMs: 10 });
    await expect.poll(() => readdir(shared), patience).toEqual([]);
  });

  it("is gone from the disk at once when no browser could be started", async () => {
    const failing = openSecretLink(link, {
      start: () => Promise.reject(new Error("spawn xdg-open ENOENT")),
      folder: shared,
    });
    await expect(failing).rejects.toMatchObject({
      code: "unavailable",
      message: "The browser could not be started; open the link yourself.",
    });
    expect(await readdir(shared)).toEqual([]);
  });

  it("that a program left which ended before is removed by the next one, and nothing else", async () => {
    const then = new Date(Date.now() - 60_000);
    const put = async (name: string, aged: boolean) => {
      await mkdir(join(shared, name));
      await writeFile(join(shared, name, "open.html"), "x");
      if (aged) await utimes(join(shared, name), then, then);
    };
    await put("federation-portal-old", true);
    await put("federation-portal-new", false);
    await put("federation-other", true);
    await writeFile(join(shared, "federation-portal-file"), "x");
    await utimes(join(shared, "federation-portal-file"), then, then);
    await symlink(join(shared, "federation-other"), join(shared, "federation-portal-link"));
    await openSecretLink(link, { start: browser().start, folder: shared });
    const left = (await readdir(shared)).filter((name) => !/^federation-portal-\w{6}$/.test(name));
    expect(left.sort()).toEqual([
      "federation-other",
      "federation-portal-file",
      "federation-portal-link",
      "federation-portal-new",
    ]);
    expect(await readdir(join(shared, "federation-other"))).toEqual(["open.html"]);
  });
});

describe("a link that was printed", () => {
  const run = async (hasScreen: boolean, openLink: (it: string) => Promise<void>) => {
    const told: string[] = [];
    await openOrTell(link, { hasScreen, openLink, tell: (sentence) => void told.push(sentence) });
    return told;
  };

  it("is opened where there is a screen, and it is said what to do where the browser cannot read the file", async () => {
    const opened: string[] = [];
    const told = await run(true, async (it) => void opened.push(it));
    expect(told).toEqual(["If the browser shows nothing, open the link above."]);
    expect(opened).toEqual([link]);
  });

  it("is not tried to be opened where there is none, and it is said where it can be, without its ticket", async () => {
    const told = await run(false, () => Promise.reject(new Error("tried")));
    expect(told).toEqual(["There is no screen here: open the link in a browser that reaches http://127.0.0.1:7400."]);
  });

  it("is good without a browser of this machine: that none started is said, and no failure", async () => {
    const folder = shared;
    const start = () => Promise.reject(new Error("no"));
    const told = await run(true, (it) => openSecretLink(it, { start, folder }));
    expect(told).toEqual(["The browser could not be started; open the link yourself."]);
  });
});

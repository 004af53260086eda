/**
 * A person at the editor: VS Code in a browser, driven by what stands on the screen.
 *
 * 1. Nothing is asked of the extension itself: what a test knows it read from the workbench, the rows or the log file.
 * 2. Screenshots of the steps are kept as build output, in order.
 */
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Frame, FrameLocator, Locator, Page } from "playwright-core";
import type { CodeServer } from "./code-server.ts";

const output = path.join(import.meta.dirname, "../../../output/vscode");

export interface Editor {
  readonly page: Page;
  shot(step: string): Promise<void>;
  /** Gives a command by its title, from the palette. */
  command(title: string): Promise<void>;
  /** What the palette offers of the extension. */
  offered(): Promise<readonly string[]>;
  /** Types into the box that asks, and enters it. */
  enter(text: string): Promise<void>;
  /** Chooses a line of the list that asks. */
  pick(label: string | RegExp): Promise<void>;
  /** Ticks a line of a list of several. */
  tick(label: string | RegExp): Promise<void>;
  /** Takes what is ticked. */
  accept(): Promise<void>;
  /** A line of one of the extension's trees. */
  row(view: "Inbox" | "Missions" | "Tasks" | "Roster", text: string | RegExp): Locator;
  /** A button on that line. */
  inline(row: Locator, title: string): Promise<void>;
  /** A command of that line's menu. */
  menu(row: Locator, title: string): Promise<void>;
  /** Opens a file of the workspace. */
  open(file: string): Promise<void>;
  /** What stands in the editor that is open, as far as it is drawn. */
  text(): Promise<string>;
  /** What stands in the output panel. */
  output(): Promise<string>;
  notice(text: string | RegExp): Locator;
  status(): Locator;
  /** The page inside of the panel. */
  observer(): FrameLocator;
  /** The same, to look into it from outside. */
  observerFrame(): Promise<Frame>;
  /** Leads the page to a room, and waits until it is there. */
  room(hash: string): Promise<void>;
  /** Loads the window again. */
  reload(): Promise<void>;
  /** What the extension logged. */
  log(): Promise<string>;
  close(): Promise<void>;
}

const menuMs = 300;
const paletteMs = 5_000;
let pictures = 0;

export async function openEditor(options: {
  readonly browser: Browser;
  readonly server: CodeServer;
  readonly folder: string;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly dark?: boolean;
}): Promise<Editor> {
  const { browser, server, folder, viewport = { width: 1440, height: 900 }, dark = false } = options;
  const context = await browser.newContext({
    viewport: { ...viewport },
    colorScheme: dark ? "dark" : "light",
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const payload = JSON.stringify([["logLevel", "federation.federation:debug"]]);
  await page.goto(`${server.origin}/?folder=${encodeURIComponent(folder)}&payload=${encodeURIComponent(payload)}`);
  await page.locator(".monaco-workbench").waitFor({ timeout: 60_000 });
  await page.locator(activity).waitFor({ timeout: 60_000 });
  const input = page.locator(".quick-input-widget");

  const editor: Editor = {
    page,
    async shot(step) {
      await mkdir(output, { recursive: true });
      pictures += 1;
      const name = `${String(pictures).padStart(2, "0")}-${step.replaceAll(/[^a-z0-9]+/gi, "-").toLowerCase()}`;
      await page.screenshot({ path: path.join(output, `${name}.png`), animations: "disabled" });
    },
    async command(title) {
      await palette(title, () => input.getByRole("option", { name: title }).first().click({ timeout: paletteMs }));
    },
    async offered() {
      const lines = input.locator(".monaco-list-row .label-name");
      const titles = await palette("Federation: ", () => lines.allTextContents());
      await page.keyboard.press("Escape");
      // The editor itself offers to show each view.
      return titles.filter((it) => it.startsWith("Federation: ") && !it.startsWith("Federation: Focus on "));
    },
    async enter(text) {
      const box = input.locator("input[type=text], input[type=password]").first();
      await box.waitFor();
      await box.fill(text);
      await page.keyboard.press("Enter");
    },
    pick: async (label) => await input.getByRole("option", { name: label }).first().click(),
    tick: async (label) => await input.getByRole("checkbox", { name: label }).first().click(),
    async accept() {
      await input.getByRole("button", { name: "OK" }).click();
    },
    row: (view, text) => pane(view).locator('[role="treeitem"]').filter({ hasText: text }),
    async inline(row, title) {
      await row.first().hover();
      await row.first().locator(`.actions a[aria-label="${title}"]`).click();
    },
    async menu(row, title) {
      await row.first().click({ button: "right" });
      // The menu stands in a shadow tree of its own, which the locator goes into.
      const line = page.locator(".monaco-menu-container").getByRole("menuitem", { name: title }).first();
      await line.waitFor();
      // A click in the first moment of a menu is taken for the end of the one that opened it.
      while (await line.isVisible()) {
        await sleep(menuMs);
        await line.click({ timeout: menuMs * 4 }).catch(() => undefined);
      }
    },
    async open(file) {
      await page.keyboard.press("Control+P");
      await input.locator("input").first().fill(file);
      await input.getByRole("option", { name: file }).first().click();
      await page.getByRole("tab", { name: file }).waitFor();
    },
    text: () => linesOf(".editor-instance"),
    output: () => linesOf(".output-view"),
    notice: (text) => page.locator(".notification-list-item").filter({ hasText: text }),
    status: () => page.locator('[id="federation.federation.federation.status"]'),
    observer: () => page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame"),
    async observerFrame() {
      await editor.observer().locator("#app").waitFor();
      for (const frame of page.frames()) if ((await frame.locator("#app").count()) > 0) return frame;
      throw new Error("no frame holds the page");
    },
    async room(hash) {
      const frame = await editor.observerFrame();
      await frame.evaluate(`location.hash = ${JSON.stringify(hash)}`);
      await frame.locator(`.nav-item[aria-current="page"][href="${hash}"]`).waitFor({ state: "attached" });
      await frame.locator(".loading").first().waitFor({ state: "detached" });
    },
    async reload() {
      // By the editor's own command: it keeps where its parts were, which a browser's reload gives it no time for.
      const loaded = page.waitForEvent("load");
      await editor.command("Developer: Reload Window");
      await loaded;
      await page.locator(activity).waitFor({ timeout: 60_000 });
    },
    async log() {
      const files = await server.logFiles();
      return (await Promise.all(files.map((it) => readFile(it, "utf8")))).join("");
    },
    close: () => context.close(),
  };
  return editor;

  async function linesOf(place: string): Promise<string> {
    const lines = await page.locator(`${place} .view-line`).allTextContents();
    return lines.join("\n").replaceAll("\u00a0", " ");
  }

  function pane(view: string): Locator {
    return page.locator(".pane").filter({ has: page.locator(`.pane-header[aria-label^="${view}"]`) });
  }

  /** What else comes to the front in that moment closes it again: it is asked for until it stays. */
  async function palette<T>(text: string, act: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      await page.keyboard.press("F1");
      try {
        await input.locator("input").first().fill(`>${text}`, { timeout: paletteMs });
        await input.locator(".monaco-list-row").first().waitFor({ timeout: paletteMs });
        return await act();
      } catch (error) {
        if (tries === 4) throw error;
      }
    }
  }
}

/** The extension's place in the activity bar. */
export const activity = '.activitybar a[aria-label^="Federation"]';

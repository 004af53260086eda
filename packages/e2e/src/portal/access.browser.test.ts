/** Whoever uses the portal: by keyboard alone, with a screen reader, at twice the size, on a narrow screen, in either light. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { axeInRooms, isSerious, runAxe, screens } from "./testing/axe.ts";
import { launchBrowser, noBrowser } from "./testing/browser.ts";
import { type PortalMesh, startPortalMesh } from "./testing/mesh.ts";
import { openPortal } from "./testing/portal.ts";
import { furnish, type Room } from "./testing/rooms.ts";

describe.skipIf(noBrowser)("the portal is usable", () => {
  let mesh: PortalMesh;
  let browser: Browser;
  let rooms: readonly Room[];
  let port: number;

  beforeAll(async () => {
    [mesh, browser] = await Promise.all([startPortalMesh(), launchBrowser()]);
    port = await mesh.port();
    rooms = await furnish(mesh);
  }, 400_000);
  afterAll(async () => {
    await browser?.close();
    await mesh?.stop();
  });

  const open = (more: Partial<Parameters<typeof openPortal>[0]> = {}) =>
    openPortal({ browser, client: mesh.client, port, ...more });

  test.each(screens)(
    "axe-core finds nothing serious in any room, $screen",
    async ({ dark, viewport }) => {
      const portal = await open({ dark, viewport, reducedMotion: true });
      const found = await axeInRooms(portal, rooms);
      const serious = found.flatMap(({ room, violations, widerBy }) => [
        ...violations.filter(isSerious).map((it) => `${room}: ${it.id}, ${it.help}\n  ${it.nodes.join("\n  ")}`),
        ...(widerBy > 0 ? [`${room}: wider than the screen by ${widerBy} px`] : []),
      ]);
      expect(serious).toEqual([]);
      expect(portal.faults).toEqual([]);
      await portal.close();
    },
    240_000,
  );

  test("dialogs and the palette have nothing serious either", async () => {
    const portal = await open({ reducedMotion: true });
    const { page } = portal;
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Command or place" }).waitFor();
    expect((await runAxe(page)).violations.filter(isSerious)).toEqual([]);
    for (const command of ["Submit a result", "Propose an amendment", "Issue a token"]) {
      await page.keyboard.press("Escape");
      await page.locator("dialog").waitFor({ state: "detached" });
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox", { name: "Command or place" }).fill(command);
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").getByRole("button", { name: command }).waitFor();
      expect((await runAxe(page)).violations.filter(isSerious), command).toEqual([]);
    }
    await portal.close();
  });

  /** What has the focus, in a word. */
  const focused = (page: Page) =>
    page.evaluate(
      "(document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '').trim()",
    );

  test("the keyboard alone reaches every room, and everything in the head and in a room, visibly", async () => {
    const portal = await open();
    const { page } = portal;
    await page.locator('[data-row="baby"]').waitFor();
    const reached = new Set<string>();
    for (let n = 0; n < 120; n++) {
      await page.keyboard.press("Tab");
      reached.add(String(await focused(page)));
      const ring = await page.evaluate(
        "(() => { const it = document.activeElement; if (it === null || it === document.body) return 'none'; const s = getComputedStyle(it); const inner = it.querySelector('.mark-shape'); return s.outlineStyle !== 'none' || s.boxShadow !== 'none' || (inner !== null && getComputedStyle(inner).strokeWidth === '4px') || it.closest(':focus-within .palette-input') !== null ? 'seen' : it.outerHTML.slice(0, 120); })()",
      );
      expect(["seen", "none"], `after ${n + 1} steps`).toContain(ring);
    }
    for (const name of ["Inbox", "Mesh", "Timeline", "Missions", "Commands", "New mission", "Message"])
      expect(
        [...reached].some((it) => it.startsWith(name)),
        name,
      ).toBe(true);
    expect([...reached].some((it) => it.includes("baby"))).toBe(true);
    await portal.close();
  });

  test("a mission is started with the keyboard alone, and the focus goes back to where it was", async () => {
    const portal = await open();
    const { page } = portal;
    await page.locator('[data-row="baby"]').waitFor();
    await page.getByRole("button", { name: "New mission" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByLabel("Objective").waitFor();
    // The first thing in a dialog that one can write in is a step or two away.
    for (let n = 0; n < 4 && (await page.evaluate("document.activeElement?.tagName")) !== "TEXTAREA"; n++)
      await page.keyboard.press("Tab");
    await page.keyboard.type("Agree on a colour for the door");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await focused(page)).toBe("New mission");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByLabel("Objective").waitFor();
    for (let n = 0; n < 4 && (await page.evaluate("document.activeElement?.tagName")) !== "TEXTAREA"; n++)
      await page.keyboard.press("Tab");
    await page.keyboard.type("Agree on a colour for the door");
    for (let n = 0; n < 20 && (await focused(page)) !== "Start a mission"; n++) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("Start a mission: done.").waitFor();
    const { missions } = await mesh.client.call("ListMissions", { limit: 1 });
    expect(missions[0]?.objective).toBe("Agree on a colour for the door");
    await portal.close();
  });

  test("nothing moves by itself for who asked for less motion", async () => {
    const portal = await open({ reducedMotion: true });
    const { page } = portal;
    await page.locator('[data-row="baby"]').waitFor();
    await mesh.client.call("SendMessage", { to: "all", text: "Does anything move?" });
    await page.locator(".event-brief", { hasText: "Does anything move?" }).first().waitFor();
    expect(await page.evaluate("document.getAnimations().filter((it) => it.playState === 'running').length")).toBe(0);
    expect(await page.locator(".flight").count()).toBe(0);
    await portal.close();
  });

  test("every command can be opened from the palette by who may give it", async () => {
    const portal = await open();
    const { page } = portal;
    await portal.go("#/commands");
    const titles = await page.locator("#main td [data-command]").allTextContents();
    expect(titles.length).toBeGreaterThan(35);
    for (const title of titles) {
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox", { name: "Command or place" }).fill(title.trim());
      await page
        .locator(".palette-item")
        .filter({ has: page.getByText(title.trim(), { exact: true }) })
        .first()
        .click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("heading", { name: title.trim(), exact: true }).waitFor();
      await dialog.getByTestId("submit-command").waitFor();
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
    }
    await portal.close();
  }, 180_000);
});

/** What a person waits for: the first picture, and a room after a click. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { until } from "../../mesh/mesh-fixture.ts";
import type { BenchMesh } from "./bench-mesh.ts";
import { type BenchPage, openBenchPage } from "./bench-page.ts";
import { longestOf, type Spread, spreadOf } from "./figures.ts";
import type { Awaited } from "./probe.ts";

export interface PictureFigures {
  /** With a ticket in a new profile, and when the tab is loaded again. */
  readonly ticketMs: Spread;
  readonly reloadMs: Spread;
}

/** From the navigation until the actors were seen in the picture of the mesh; nothing is kept from before. */
export async function measureFirstPicture(browser: Browser, mesh: BenchMesh, times: number): Promise<PictureFigures> {
  const actors: Awaited = { selector: ".mesh-picture [data-actor]", count: mesh.actors };
  const ticket: number[] = [];
  const reload: number[] = [];
  for (let i = 0; i < times; i++) {
    const page = await openBenchPage(browser, mesh, { first: actors });
    ticket.push(await waited(page));
    await page.portal.page.reload();
    reload.push(await waited(page));
    await page.close();
  }
  return { ticketMs: spreadOf(ticket), reloadMs: spreadOf(reload) };
}

const rooms = [
  ["Inbox", "inbox"],
  ["Mesh", "mesh"],
  ["Timeline", "timeline"],
  ["Missions", "missions"],
  ["Conversations", "conversations"],
  ["Tasks", "tasks"],
  ["Proposals", "proposals"],
  ["Charter", "charter"],
  ["Dead letters", "messages"],
  ["Turns", "turns"],
  ["Costs", "costs"],
  ["Memory", "memory"],
  ["Actors", "actors"],
  ["Access", "access"],
] as const;
/** What any of them has when it has its content, or when there is none. */
const content =
  ":is(.card, .list-row, .list > li, tbody tr, .empty, .event-row, .article, [data-actor], [data-waiting])";

export interface RoomFigures {
  readonly room: string;
  /** From the click until its content was seen, the first time and later. */
  readonly firstMs: number;
  readonly ms: Spread;
  readonly longestTaskMs: number;
}

export async function measureRooms(page: BenchPage, times: number): Promise<readonly RoomFigures[]> {
  const figures: RoomFigures[] = [];
  const { page: tab } = page.portal;
  for (const [room, view] of rooms) {
    // Both are drawn by the same change: the room that was left has another item of the list marked.
    const selector = `.shell:has(.nav-item[href="#/${view}"][aria-current="page"]) main ${content}`;
    const taken: number[] = [];
    let longestTaskMs = 0;
    for (let i = 0; i < times; i++) {
      await page.portal.go("#/commands");
      await sleep(700);
      await page.begin({});
      await page.await({ selector, count: 1, without: "main .loading" });
      await tab.getByRole("navigation", { name: "Rooms" }).getByRole("link", { name: room }).click();
      taken.push(await waited(page));
      await sleep(500);
      longestTaskMs = Math.max(longestTaskMs, longestOf((await page.take()).longTasksMs));
    }
    const [firstMs = Number.NaN] = taken;
    figures.push({ room, firstMs, ms: spreadOf(taken), longestTaskMs });
  }
  return figures;
}

async function waited(page: BenchPage): Promise<number> {
  let ms: number | undefined;
  await until("what is awaited is there", async () => {
    ms = await page.awaitedMs();
    return ms !== undefined;
  });
  return ms ?? Number.NaN;
}

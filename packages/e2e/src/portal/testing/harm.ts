/** What a text may have done to the page that shows it; a page that is watched for it from the start. */
import { deceives } from "@federation/portal/reveal";
import { z } from "zod";
import type { Portal } from "./portal.ts";

export interface HarmWatch {
  /** What happened since the page was opened that should not have; empty when it is where it was, whole, and made no noise. */
  harm(): Promise<readonly string[]>;
  /** The longest time the page answered nothing since this was asked last, in milliseconds. */
  longestTaskMs(): Promise<number>;
}

const strings = z.array(z.string());

// Elements that a text may never bring: what loads, runs, frames or submits.
const foreign = `[...document.querySelectorAll('#main :is(script, iframe, object, embed, img, video, audio, link, style, base, meta, form[action], [onerror], [onclick], [onload], [style*="position: fixed"])')].map((it) => "element: " + it.outerHTML.slice(0, 200))`;
const ways = `[...document.querySelectorAll('#main a')].map((it) => it.getAttribute('href')).filter((it) => !it.startsWith('#/')).map((it) => "link: " + it)`;
/** Whatever is read off the page, by eye or aloud; not what stands in fields, which are given back as they were. */
const said = `(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = new Set([document.title]);
  while (walker.nextNode()) found.add(walker.currentNode.data);
  for (const it of document.querySelectorAll("[title], [aria-label], [alt], option[label]"))
    for (const name of ["title", "aria-label", "alt", "label"]) found.add(it.getAttribute(name) ?? "");
  return [...found].filter((it) => /[^\\n\\t\\x20-\\x7e]/.test(it));
})()`;

export async function watchForHarm({ page, origin }: Portal): Promise<HarmWatch> {
  const noise: string[] = [];
  // What would show that something ran: a changed global, a dialog, another page.
  await page.evaluate("globalThis.pwned = 0; globalThis.longest = 0");
  await page.evaluate(
    "new PerformanceObserver((list) => { for (const it of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, it.duration); }).observe({ type: 'longtask', buffered: true })",
  );
  page.on("dialog", (dialog) => {
    noise.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("popup", (popup) => noise.push(`page: ${popup.url()}`));
  return {
    async harm() {
      const ran = (await page.evaluate("globalThis.pwned")) === 0 ? [] : ["a script ran"];
      const left = page.url().startsWith(`${origin}/portal/#/`) ? [] : [`the page went to ${page.url()}`];
      const found = strings.parse(await page.evaluate(`[...${foreign}, ...${ways}]`));
      const deceptive = strings.parse(await page.evaluate(said)).filter(deceives);
      const hidden = deceptive.map((it) => `not to be seen: ${encodeURI(it.toWellFormed().slice(0, 100))}`);
      return [...ran, ...left, ...noise, ...found, ...hidden];
    },
    async longestTaskMs() {
      return z
        .number()
        .parse(await page.evaluate("(() => { const it = globalThis.longest; globalThis.longest = 0; return it; })()"));
    },
  };
}

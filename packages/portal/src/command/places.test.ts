import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { viewNames } from "../routing/route.ts";
import { places } from "./places.ts";

const source = new URL("../", import.meta.url);

/** Rooms, and the parts that stand in several of them, as they are written. */
function written(folder: string): string {
  const place = new URL(folder, source);
  return readdirSync(place, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file) && !file.includes(".test."))
    .map((file) => readFileSync(new URL(`${folder}/${file}`, source), "utf8"))
    .join("\n");
}

it("each place that is named has its command at hand there", () => {
  const inRooms = Object.fromEntries(viewNames.map((view) => [view, written(`views/${view}`)]));
  // In the head of the page, and what a room and the inbox share.
  const shared = `${written("app")}\n${readFileSync(new URL("views/inbox/item-answer.tsx", source), "utf8")}`;
  for (const [name, place] of Object.entries(places)) {
    if (place.view === "palette") continue;
    const text = place.view === "page" ? written("home") : `${inRooms[place.view]}\n${shared}`;
    expect(text.includes(`"${name}"`), `${name} in ${place.view}`).toBe(true);
  }
});

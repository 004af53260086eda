/**
 * What docs/portal.md says of the portal: where each command is at hand, what axe-core finds in every room, and what hostile
 * texts come to. `pnpm bench portal-report` looks, in a browser at a mesh of `dev`, and writes the three tables.
 */
import { readFile, writeFile } from "node:fs/promises";
import { withSection } from "../../docs/written-section.ts";
import { axeInRooms, screens } from "../../portal/testing/axe.ts";
import { launchBrowser } from "../../portal/testing/browser.ts";
import { startPortalMesh } from "../../portal/testing/mesh.ts";
import { openPortal } from "../../portal/testing/portal.ts";
import { furnish } from "../../portal/testing/rooms.ts";
import { readHostileTexts } from "./read-hostile-texts.ts";
import { accessTable, hostileTable, placesTable, type ScreenFindings } from "./tables.ts";

const documentUrl = new URL("../../../../../docs/portal.md", import.meta.url);
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const browser = await launchBrowser();
const mesh = await startPortalMesh();
try {
  const port = await mesh.port();
  const rooms = await furnish(mesh);
  const findings: ScreenFindings[] = [];
  for (const { screen, dark, viewport } of screens) {
    say(`axe-core: ${screen}`);
    const portal = await openPortal({ browser, client: mesh.client, port, dark, viewport, reducedMotion: true });
    findings.push({ screen, rooms: await axeInRooms(portal, rooms) });
    await portal.close();
  }
  say("hostile texts");
  const stranger = await mesh.addActor("stranger-1", "developer");
  const portal = await openPortal({ browser, client: mesh.client, port });
  const outcomes = await readHostileTexts(portal, stranger);
  await portal.close();

  let document = await readFile(documentUrl, "utf8");
  document = withSection(document, "portal-report: commands", placesTable());
  document = withSection(document, "portal-report: access", accessTable(findings));
  document = withSection(document, "portal-report: hostile", hostileTable(outcomes));
  await writeFile(documentUrl, document);
  const harmed = outcomes.some((it) => it.harm.length > 0 || it.missing.length > 0);
  process.exitCode = harmed || portal.faults.length > 0 ? 1 : 0;
  for (const fault of portal.faults) say(`fault: ${fault}`);
} finally {
  await browser.close();
  await mesh.stop();
}

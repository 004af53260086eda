/** Commands that open a document: the charter, the result of a mission. */
import { choose } from "../app/ask.ts";
import { openDocument } from "../documents/documents.ts";
import { oneLine } from "../text/one-line.ts";
import { atText } from "../text/times.ts";
import type { Subject } from "../views/item.ts";
import type { At } from "./answering.ts";

export function readingCommands(at: () => At) {
  async function open(kind: "report" | "charter", id: string): Promise<void> {
    const { session } = at();
    if (kind === "charter") {
      // Named by its version: a later one is another document.
      const version = id === "" ? String((await session.call("ShowCharter", {})).version) : id;
      await openDocument({ kind, id: version }, `Charter, version ${version}`);
      return;
    }
    const { objective } = await session.call("ReportMission", { mission: id });
    await openDocument({ kind, id }, objective);
  }
  return {
    openDocument: open,

    async openResult(subject: Subject): Promise<void> {
      if (subject.kind === "mission") return await open("report", subject.mission.id);
      const { missions } = await at().session.call("ListMissions", { limit: 100 });
      const mission = await choose(
        "The result of which mission?",
        missions.map((it) => ({
          label: oneLine(it.objective, 100),
          description: it.outcome === null ? `under way, ${it.phase}` : it.outcome.replaceAll("_", " "),
          detail: atText(it.closedAt ?? it.createdAt),
          value: it.id,
        })),
      );
      if (mission !== undefined) await open("report", mission);
    },
  };
}

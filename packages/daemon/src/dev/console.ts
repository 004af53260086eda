import type { MeshEvent, MissionReport, Role } from "@federation/core";
import type { PullProgress, ResolvedModel } from "@federation/inference";
import pc from "picocolors";
import { createTimeline } from "../timeline/create-timeline.ts";

/** What `dev` tells its user: lines for a person, or one JSON value per line for a program. */
export interface DevConsole {
  /** What is going on right now; replaced by the next. */
  progress(what: string): void;
  download(progress: PullProgress): void;
  /** Something worth a line of its own. */
  note(line: string): void;
  /** Who there is, for their colours. */
  know(actors: readonly { readonly actor: string; readonly ordinal: number }[]): void;
  ready(mesh: ReadyMesh): void;
  /** @param repository the one that its result could be committed to. */
  offerSample(repository: string | undefined): void;
  event(event: MeshEvent): void;
  report(report: DevReport): void;
  done(): void;
}

export interface ReadyMesh {
  readonly nodes: readonly { readonly name: string; readonly role: Role }[];
  readonly model: ResolvedModel;
  readonly broker: string;
  readonly database: string;
  readonly stateDir: string;
  readonly ms: number;
  /** Opens the portal once; undefined when there is none, which was said. */
  readonly portal: { readonly link: string; readonly minutes: number } | undefined;
}

/** The mission's report, and what it ran on. */
export type DevReport = MissionReport & { readonly model: string; readonly broker: string; readonly database: string };

const sample = "Choose a retry policy for the outbox relay and write it down";
const run = "npx -y pnpm@12";

interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** `out` takes what was asked for, `err` everything about how it goes. */
export function createDevConsole(
  options: { readonly json: boolean; readonly colours: boolean },
  out: Output,
  err: Output,
): DevConsole {
  const { json } = options;
  const live = err.isTTY === true && !json;
  const colors = pc.createColors(options.colours && out.isTTY === true);
  const ordinals = new Map<string, number>();
  const timeline = createTimeline({
    colours: colors.isColorSupported,
    columns: out.columns,
    details: false,
    ordinals,
  });
  let shown = false;
  let lastShare = -1;
  const clear = (): void => {
    if (shown) err.write("\r\x1b[2K");
    shown = false;
  };
  const line = (text: string): void => {
    clear();
    err.write(`${text}\n`);
  };
  const emit = (text: string): void => {
    clear();
    out.write(`${text}\n`);
  };
  const say = (text: string): void => (json ? line(text) : emit(text));
  return {
    progress(what) {
      if (!live) return;
      clear();
      err.write(`${what} …`);
      shown = true;
    },
    download({ source, receivedBytes, totalBytes }) {
      const share = Math.floor((10 * receivedBytes) / Math.max(1, totalBytes));
      if (!live && share === lastShare) return;
      lastShare = share;
      const text = `Fetching the model (${source}): ${(receivedBytes / 1e6).toFixed(0)} of ${(totalBytes / 1e6).toFixed(0)} MB`;
      if (!live) return line(text);
      clear();
      err.write(text);
      shown = true;
    },
    note: line,
    know(actors) {
      for (const { actor, ordinal } of actors) ordinals.set(actor, ordinal);
    },
    ready({ nodes, model, broker, database, stateDir, ms, portal }) {
      say(`The mesh is up after ${(ms / 1000).toFixed(1)} s: ${nodes.map((n) => `${n.name} (${n.role})`).join(", ")}.`);
      say(`${database}, broker ${broker}, model ${model.alias}. State in ${stateDir}.`);
      if (!model.meaningful) say("The fixture model's words mean nothing; --model names a real one.");
      else if (model.alias === "smollm2-135m-instruct")
        say(
          `${model.alias} is tiny, and its prose is poor; \`${run} federation model list\` shows what suits this machine better.`,
        );
      say("Any process of this user can act as the commander: the token lies in the state folder.");
      if (portal !== undefined)
        say(
          `Portal, for one browser tab, within ${portal.minutes} minutes (later: ${run} federation portal):\n  ${portal.link}`,
        );
    },
    offerSample(repository) {
      const where = repository === undefined ? "" : ` --repository ${repository}`;
      say(
        `Give it a mission from another terminal, for example:\n  ${run} federation mission start${where} "${sample}"`,
      );
    },
    event(event) {
      if (json) return emit(JSON.stringify(event));
      const text = timeline.line(event);
      if (text !== undefined) emit(text);
    },
    report(report) {
      if (json) return emit(JSON.stringify(report));
      emit("");
      emit(report.result);
      emit("");
      const { deliveries: d, decisions, verdicts } = report;
      emit(
        colors.dim(
          `${report.messages} messages; deliveries ${d.stored} stored, ${d.sent} sent, ${d.received} received, ${d.read} read, ${d.acted} acted, ${d.dead} dead; ` +
            `decisions ${decisions.byModel} by the model, ${decisions.byRule} by rule, ${decisions.byDeadline} by deadline; ` +
            `${verdicts.refused} refused; ${(report.durationMs / 1000).toFixed(1)} s.`,
        ),
      );
    },
    done: clear,
  };
}

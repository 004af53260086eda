import { describe, expect, it } from "vitest";
import { createDevConsole, type ReadyMesh } from "./console.ts";

const link = "http://127.0.0.1:7400/portal/#ticket=s3cret";
const mesh: ReadyMesh = {
  nodes: [
    { name: "taichi-5090", role: "lead" },
    { name: "commander", role: "commander" },
  ],
  model: {
    alias: "fixture",
    path: "/models/fixture.gguf",
    style: "sentences",
    choice: "sentence_likelihood",
    repeatPenalty: 1,
    meaningful: false,
    template: "auto",
  },
  broker: "embedded at stomp://127.0.0.1:61613",
  database: "PostgreSQL 18",
  stateDir: "/state",
  ms: 4321,
  portal: { link, minutes: 15 },
};

/** What a console wrote, by where to. */
function written(
  options: { readonly json?: boolean; readonly terminal?: boolean },
  use: (ui: ReturnType<typeof createDevConsole>) => void,
) {
  const texts = { out: "", err: "" };
  const stream = (name: keyof typeof texts) => ({
    isTTY: options.terminal === true,
    columns: 60,
    write: (text: string) => {
      texts[name] += text;
    },
  });
  use(createDevConsole({ json: options.json === true, colours: true }, stream("out"), stream("err")));
  return texts;
}

describe("a mesh that is up", () => {
  it("is told with the link to the portal, how long that is good, and how to get another one", () => {
    const { out, err } = written({}, (ui) => ui.ready(mesh));
    expect(err).toBe("");
    const lines = out.split("\n");
    expect(lines[0]).toBe("The mesh is up after 4.3 s: taichi-5090 (lead), commander (commander).");
    const at = lines.findIndex((line) => line.startsWith("Portal, "));
    expect(lines[at]).toBe("Portal, for one browser tab, within 15 minutes (later: npx -y pnpm@12 federation portal):");
    // On a line of its own, however long: a terminal makes an address of it, and a person copies it whole.
    expect(lines[at + 1]).toBe(`  ${link}`);
    expect(out.split(link)).toHaveLength(2);
  });

  it("has its link as plain text on a terminal too, narrower than the link and with colours", () => {
    const { out } = written({ terminal: true }, (ui) =>
      ui.ready({ ...mesh, portal: { link: `${link}${"x".repeat(80)}`, minutes: 15 } }),
    );
    expect(out).toContain(`\n  ${link}${"x".repeat(80)}\n`);
  });

  it("says so to the person and not to the program that reads its output with --json", () => {
    const { out, err } = written({ json: true }, (ui) => ui.ready(mesh));
    expect(out).toBe("");
    expect(err).toContain(`\n  ${link}\n`);
  });

  it("has no line about the portal when there is none", () => {
    const { out } = written({}, (ui) => ui.ready({ ...mesh, portal: undefined }));
    expect(out).not.toContain("ortal");
    expect(out).toContain("The mesh is up");
  });

  it("does not repeat the link in what it says later", () => {
    const { out, err } = written({ terminal: true }, (ui) => {
      ui.progress("Building the portal");
      ui.ready(mesh);
      ui.offerSample(undefined);
      ui.note("There is no screen here.");
      ui.done();
    });
    expect((out + err).split(link)).toHaveLength(2);
    expect(out).toContain('npx -y pnpm@12 federation mission start "');
    expect(err).toContain("Building the portal …\r\u001b[2K");
  });
});

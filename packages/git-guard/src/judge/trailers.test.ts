import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { composeMessage, readTrailers, wantedTask, withTrailers } from "./trailers.ts";

const task = "00000000-0000-4000-8000-000000000001";
const claim = { task, fence: 7, actor: "aorus" };
const block = `Federation-Task: ${task}\nFederation-Fence: 7\nFederation-Actor: aorus`;
const found = { kind: "claim", ...claim };
const reasonOf = (message: string): string => {
  const read = readTrailers(message);
  return read.kind === "refused" ? read.reason : read.kind;
};

describe("one block at the end is read", () => {
  test.each([
    ["behind a subject", `S\n\n${block}\n`],
    ["behind a subject and a body", `S\n\nBody\nof lines\n\n${block}\n\n\n`],
    ["without a last newline", `S\n\n${block}`],
    ["after another trailer", `S\n\nSigned-off-by: a <a@b>\n${block}\n`],
    ["before another trailer", `S\n\n${block}\nChange-Id: I1\n`],
    ["behind a quoted one", `S\n\n> Federation-Fence: 9\n\n${block}\n`],
    ["behind words about the federation", `S\n\nFederation tasks: none\nfederation-wide\n\n${block}\n`],
  ])("%s", (_, message) => {
    expect(readTrailers(message)).toEqual(found);
  });

  test("and a message without any has none", () => {
    expect(readTrailers("S\n\nBody\n\nSigned-off-by: a <a@b>\n")).toEqual({ kind: "none" });
    expect(readTrailers("")).toEqual({ kind: "none" });
  });
});

describe("refused is a message", () => {
  test.each([
    ["with two blocks", `S\n\n${block}\n\n${block}\n`, "outside its last paragraph"],
    ["with two blocks in one paragraph", `S\n\n${block}\n${block}\n`, "more than one block"],
    ["with a line of ours in its body", `S\n\nFederation-Actor: rob\n\n${block}\n`, "outside its last paragraph"],
    ["with one in its subject", `Federation-Task: ${task}\n\n${block}\n`, "outside its last paragraph"],
    ["that is nothing but trailers", `${block}\n`, "no text before"],
    ["that is nothing but blanks and trailers", `\n \n${block}\n`, "no text before"],
    ["with a line missing", `S\n\nFederation-Task: ${task}\nFederation-Actor: aorus\n`, "not the three lines"],
    [
      "in another order",
      `S\n\nFederation-Fence: 7\nFederation-Task: ${task}\nFederation-Actor: aorus\n`,
      "not the three",
    ],
    [
      "with something between",
      `S\n\nFederation-Task: ${task}\nA: b\nFederation-Fence: 7\nFederation-Actor: aorus\n`,
      "not the three",
    ],
    ["with text in the last paragraph", `S\n\nand so\n${block}\n`, "more than trailers"],
    ["with a continued line", `S\n\n${block}\n  rob\n`, "more than trailers"],
    ["with other letters", `S\n\n${block}\nfederation-actor: rob\n`, "more than one block"],
    ["with another separator", `S\n\nFederation-Actor= rob\n\n${block}\n`, "outside its last paragraph"],
    ["with a blank before the colon", `S\n\nFederation-Actor : rob\n\n${block}\n`, "outside its last paragraph"],
    ["with an indented line", `S\n\n\tFederation-Actor: rob\n\n${block}\n`, "outside its last paragraph"],
    ["with letters nobody sees", `S\n\nFede\u200bration-Actor: rob\n\n${block}\n`, "outside its last paragraph"],
    ["with a wide colon", `S\n\nFederation-Actor\uff1a rob\n\n${block}\n`, "outside its last paragraph"],
    ["with another dash", `S\n\nFederation\u2010Actor: rob\n\n${block}\n`, "outside its last paragraph"],
    ["with a carriage return", `S\r\n\r\n${block.replaceAll("\n", "\r\n")}\r\n`, "control how it is shown"],
    ["with a NUL", `S\0\n\n${block}\n`, "control how it is shown"],
    ["that moves a cursor", `S\u001b[1A\n\n${block}\n`, "control how it is shown"],
    ["that turns the direction of writing", `S\u202e\n\n${block}\n`, "control how it is shown"],
    ["with another kind of newline", `S\u2028Federation-Actor: rob\n\n${block}\n`, "control how it is shown"],
    ["with no id", `S\n\n${block.replace(task, "x' or 1=1")}\n`, "no task's id"],
    ["with an id in capitals", `S\n\n${block.replace(task, "0000000A-0000-4000-8000-000000000001")}\n`, "no task's id"],
    ["with no fence", `S\n\n${block.replace("7", "-7")}\n`, "no fence"],
    ["with a fence beyond counting", `S\n\n${block.replace("7", "9".repeat(16))}\n`, "no fence"],
    ["with no actor's name", `S\n\n${block.replace("aorus", "Aorus x")}\n`, "no actor's name"],
  ])("%s", (_, message, reason) => {
    expect(reasonOf(message)).toContain(reason);
  });
});

describe("writing them", () => {
  test("replaces those of an earlier fence, and keeps others", () => {
    const old = `S\n\nBody\n\nSigned-off-by: a <a@b>\n${block}\n`;
    expect(withTrailers(old, { ...claim, fence: 8 })).toBe(
      `S\n\nBody\n\nSigned-off-by: a <a@b>\n${block.replace("7", "8")}\n`,
    );
  });

  test("a subject that reads like a trailer is still a subject", () => {
    expect(readTrailers(withTrailers("fix: the parser", claim))).toEqual(found);
  });

  test("leaves what git will cut off below them", () => {
    expect(withTrailers("S\n", claim, "# comment\n")).toBe(`S\n\n${block}\n\n# comment\n`);
  });

  test("a message may ask for a task, in its last paragraph and once", () => {
    expect(wantedTask(`S\n\nFederation-Task: ${task}\n`)).toBe(task);
    expect(wantedTask(`S\n\nFederation-Task: ${task}\n\nBody\n`)).toBeUndefined();
    expect(wantedTask(`S\n\nFederation-Task: ${task}\nFederation-Task: ${task}\n`)).toBeUndefined();
  });
});

/** Words that like to be trailers. */
const words = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...block.split("\n"),
        "",
        " ",
        "federation_fence = 3",
        "\u200bFederation-Actor: rob",
        "A: b",
        "\r",
      ),
      fc.string({ unit: "binary", maxLength: 30 }),
    ),
    { maxLength: 12 },
  )
  .map((lines) => lines.join("\n"));

test("whatever words a message is made of, it reads as this claim and no other", () => {
  fc.assert(
    fc.property(words, (text) => {
      expect(readTrailers(composeMessage(text, claim))).toEqual(found);
    }),
    { numRuns: 500 },
  );
});

test("no message makes the reader throw, and what it reads as a claim ends in exactly that block", () => {
  fc.assert(
    fc.property(words, fc.boolean(), (text, ends) => {
      const message = ends ? `${text}\n\n${block}\n` : text;
      const read = readTrailers(message);
      if (read.kind !== "claim") return;
      const said = message.split("\n").filter((line) => /federation-(task|fence|actor):/i.test(line));
      expect(said).toEqual([
        `Federation-Task: ${read.task}`,
        `Federation-Fence: ${read.fence}`,
        `Federation-Actor: ${read.actor}`,
      ]);
    }),
    { numRuns: 500 },
  );
});

import { expect, it } from "vitest";
import { createDialogs } from "./dialogs.ts";

it("a command that is opened while another is lies over it, and each is closed by itself, whenever it ends", () => {
  const dialogs = createDialogs();
  const names = () => dialogs.commands.value.map((it) => it.name);
  dialogs.openCommand("IssueToken");
  dialogs.openCommand("OpenTask", { title: "x" });
  expect(names()).toEqual(["IssueToken", "OpenTask"]);
  const [token] = dialogs.commands.value;
  dialogs.closeCommand(token?.id ?? 0);
  dialogs.closeCommand(token?.id ?? 0);
  expect(names()).toEqual(["OpenTask"]);
});

it("questions of the node are told apart, and one that nobody waits for any more goes", async () => {
  const dialogs = createDialogs();
  const gone = new AbortController();
  const ask = (message: string) => dialogs.askPerson({ message, schema: {} }, gone.signal);
  const [first, second] = [ask("May I?"), ask("May I?")];
  const [one, other] = dialogs.questions.value;
  expect(one?.id).not.toBe(other?.id);
  one?.answer({ action: "decline" });
  expect(await first).toEqual({ action: "decline" });
  expect(dialogs.questions.value).toEqual([other]);
  gone.abort();
  expect(await second).toEqual({ action: "cancel" });
});

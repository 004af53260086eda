import { control, controlEntries, parseControlRequest } from "@federation/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type Field, type FieldKind, formOf, presetOf, titleOf, withoutEmpty } from "./form-model.ts";
import { places } from "./places.ts";

/** As the node offers it. */
const schemaOf = (name: keyof typeof control) => z.toJSONSchema(control[name].request, { io: "input" });
const commands = controlEntries.filter((it) => it.kind === "command");

const id = "0199aaaa-bbbb-4ccc-8ddd-eeeeffff0001";

/** Something that a person might put into a field. */
function filled({ name, type, required, preset }: Field): unknown {
  return required ? made(name, type) : presetOf(type, preset);
}
function made(name: string, type: FieldKind): unknown {
  switch (type.kind) {
    case "text":
      return type.names === "actor" || name === "name"
        ? "baby"
        : name === "commit"
          ? "0".repeat(40)
          : name === "sha256"
            ? "ab".repeat(32)
            : name === "fingerprint"
              ? `SHA256:${"A".repeat(43)}`
              : name === "publicKey"
                ? `ssh-ed25519 ${"A".repeat(68)}`
                : type.names === "article" || name === "parameter"
                  ? "budgets"
                  : type.names === undefined
                    ? "some words"
                    : id;
    case "number":
      return Math.max(1, type.min ?? 1);
    case "switch":
    case "yes-or-no":
      return true;
    case "choice":
      return type.options[0];
    case "constant":
      return type.value;
    case "list":
      return [made(name, type.of)];
    case "group":
      return Object.fromEntries(type.fields.map((field) => [field.name, filled(field)]));
    case "variant": {
      const [first] = type.options;
      return first === undefined ? undefined : made(name, first.type);
    }
    case "json":
      return 1;
  }
}

describe("the form of a request", () => {
  it.each(commands.map((it) => it.name))("%s can be filled in so that the node would take it", (name) => {
    const key = Object.keys(control).find((it): it is keyof typeof control => it === name);
    if (key === undefined) throw new Error(name);
    const fields = formOf(schemaOf(key));
    const request = withoutEmpty(Object.fromEntries(fields.map((field) => [field.name, filled(field)])));
    const extra: Record<string, unknown> = name === "ProposeAmendment" ? { motive: "what happened" } : {};
    expect(() => parseControlRequest(key, { ...Object(request), ...extra })).not.toThrow();
  });

  it("leaves out what nobody filled in", () => {
    expect(withoutEmpty({ a: "", b: "  ", c: undefined, d: 0, e: false, f: [" ", "x"], g: { h: "" } })).toEqual({
      d: 0,
      e: false,
      f: ["x"],
      g: {},
    });
  });

  it("offers each form of an amendment, told apart by its word", () => {
    const change = formOf(schemaOf("ProposeAmendment")).find((it) => it.name === "change");
    expect(change?.type.kind).toBe("variant");
    const options = change?.type.kind === "variant" ? change.type.options.map((it) => it.title) : [];
    expect(options.length).toBeGreaterThan(2);
    expect(new Set(options).size).toBe(options.length);
  });

  it("sends what is left off where an answer is owed, and nothing where none is", () => {
    const begun = (name: keyof typeof control) =>
      Object.fromEntries(formOf(schemaOf(name)).map((field) => [field.name, presetOf(field.type, field.preset)]));
    expect(withoutEmpty(begun("ReviewTask"))).toEqual({ accept: false });
    const approve = formOf(schemaOf("AnswerApproval")).find((it) => it.name === "approve");
    expect(approve?.type).toEqual({ kind: "yes-or-no" });
    expect(begun("AnswerApproval")["approve"]).toBeUndefined();
    // Where the schema says what it is when not given, it is a switch that begins there.
    expect(formOf(schemaOf("StartMission")).find((it) => it.name === "vote")).toMatchObject({
      preset: false,
      type: { kind: "switch" },
    });
  });

  it("makes words of names", () => {
    expect(titleOf("dueInMs")).toBe("Due in (ms)");
    expect(titleOf("taskKind")).toBe("Task kind");
    expect(titleOf("switch_off")).toBe("Switch off");
  });

  it("of a schema that is no object, or of none, has no field", () => {
    for (const schema of [undefined, null, 7, "x", [], { type: "string" }]) expect(formOf(schema)).toEqual([]);
  });
});

it("every command of the control list has a place in the portal, and nothing else has", () => {
  expect(Object.keys(places).sort()).toEqual(commands.map((it) => it.name).sort());
});

/** What a person typed, taken out of commander's hands: arguments by name, options by name, both still text. */
import { MeshError } from "@federation/core";
import type { Command } from "commander";

export interface Given {
  /** An argument; several words of a variadic one are joined by spaces. Empty when it was left out. */
  text(argument: string): string;
  /** An argument or option that may be left out. */
  maybe(name: string): string | undefined;
  flag(option: string): boolean;
  /** @throws MeshError `invalid_input` when it is no whole number. */
  whole(option: string): number | undefined;
  /** An option that may be given several times. */
  list(option: string): readonly string[];
}

export function givenTo(command: Command): Given {
  // An option that the command's group has too is taken by the group, wherever it stands.
  const values = new Map<string, unknown>(Object.entries(command.optsWithGlobals()));
  command.registeredArguments.forEach((argument, index) => {
    const value: unknown = command.processedArgs[index];
    values.set(argument.name(), Array.isArray(value) ? value.join(" ") : value);
  });
  const maybe = (name: string): string | undefined => {
    const value = values.get(name);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  return {
    text: (argument) => maybe(argument) ?? "",
    maybe,
    flag: (option) => values.get(option) === true,
    whole: (option) => {
      const value = maybe(option);
      if (value === undefined) return undefined;
      if (/^-?\d{1,15}$/.test(value)) return Number(value);
      throw new MeshError("invalid_input", `--${option} must be a whole number, not "${value}".`);
    },
    list: (option) => {
      const value = values.get(option);
      return Array.isArray(value) ? value.map(String) : [];
    },
  };
}

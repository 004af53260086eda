/** A button that opens one command of the control API, with what is known filled in. */
import { control } from "@federation/core";
import type { ComponentChildren } from "preact";
import { useApp } from "../app/app.ts";
import { Icon, type IconName } from "../ui/icon.tsx";
import type { CommandName } from "./places.ts";

export function CommandButton(props: {
  readonly name: CommandName;
  readonly given?: Readonly<Record<string, unknown>>;
  readonly icon?: IconName;
  readonly tone?: "plain" | "primary" | "danger" | "quiet";
  readonly children: ComponentChildren;
}) {
  const { dialogs } = useApp();
  const { name, given = {}, icon, tone = "plain" } = props;
  return (
    <button
      type="button"
      class={`button ${tone}`}
      data-command={name}
      title={control[name].doc}
      onClick={() => dialogs.openCommand(name, given)}
    >
      {icon === undefined ? null : <Icon name={icon} size={14} />}
      {props.children}
    </button>
  );
}

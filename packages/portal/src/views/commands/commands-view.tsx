/** Every command of the control API, with where in the portal it is at hand. */
import { control } from "@federation/core";
import { CommandButton } from "../../command/command-button.tsx";
import { type CommandName, places } from "../../command/places.ts";
import { hrefOf } from "../../routing/route.ts";
import { Table } from "../../ui/table.tsx";

const names = Object.keys(places).filter((it): it is CommandName => Object.hasOwn(control, it));

export function CommandsView() {
  return (
    <div class="stack-wide">
      <h1>Commands</h1>
      <p class="soft">The portal has no door of its own: whatever it does is one of these, as any client gives them.</p>
      <Table panel heads={["Command", "What it does", "At hand"]}>
        {names.map((name) => {
          const place = places[name];
          return (
            <tr key={name}>
              <td>
                <CommandButton name={name} tone="quiet">
                  {control[name].title}
                </CommandButton>
              </td>
              <td class="soft">{control[name].doc}</td>
              <td>
                {place.view === "palette" ? (
                  <span class="soft">in the palette only: {place.why}</span>
                ) : place.view === "page" ? (
                  <span class="soft">{place.where}</span>
                ) : (
                  <>
                    <a href={hrefOf(place.view)}>{place.view}</a>: {place.where}
                  </>
                )}
              </td>
            </tr>
          );
        })}
      </Table>
    </div>
  );
}

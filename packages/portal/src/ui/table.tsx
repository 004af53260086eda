import type { ComponentChildren } from "preact";

/** What stands over a column: words, over numbers to the right, or for a screen reader alone. */
type Head = string | { readonly right: string } | { readonly unseen: string };

interface Props {
  readonly heads: readonly Head[];
  /** On a ground of its own. */
  readonly panel?: boolean;
  /** Rows. */
  readonly children: ComponentChildren;
}

/** A table that is scrolled sideways where it has no room. */
export function Table({ heads, panel = false, children }: Props) {
  return (
    <div class={panel ? "panel table-scroll" : "table-scroll"}>
      <table class="table">
        <thead>
          <tr>
            {heads.map((it) => (
              <HeadCell key={JSON.stringify(it)} of={it} />
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

function HeadCell({ of }: { readonly of: Head }) {
  if (typeof of === "string") return <th scope="col">{of}</th>;
  if ("right" in of)
    return (
      <th scope="col" class="right">
        {of.right}
      </th>
    );
  return (
    <th scope="col">
      <span class="visually-hidden">{of.unseen}</span>
    </th>
  );
}

/** The small parts that everything is made of. */
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { Icon, type IconName } from "./icon.tsx";

export type Tone = "plain" | "good" | "warn" | "bad" | "accent" | "soft";

export function Badge({
  tone = "plain",
  icon,
  children,
}: {
  readonly tone?: Tone;
  readonly icon?: IconName;
  readonly children: ComponentChildren;
}) {
  return (
    <span class={`badge ${tone}`}>
      {icon === undefined ? null : <Icon name={icon} size={12} />}
      {children}
    </span>
  );
}

export function Panel(props: {
  readonly title: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
  /** Its content reaches to its edges, as a table does. */
  readonly flush?: boolean;
}) {
  const id = useId();
  return (
    <section class="panel" aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{props.title}</h2>
        {props.actions === undefined ? null : <div class="row">{props.actions}</div>}
      </header>
      <div class={props.flush === true ? "panel-flush" : "panel-body"}>{props.children}</div>
    </section>
  );
}

/** What to see where nothing is, and what to do about it. */
export function Empty({
  icon,
  title,
  children,
}: {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <Icon name={icon} size={28} />
      <p class="empty-title">{title}</p>
      {children === undefined ? null : <div class="soft empty-next">{children}</div>}
    </div>
  );
}

/** Names and values beside each other. Rows without a value are left out. */
export function Facts({ of }: { readonly of: readonly (readonly [name: string, value: ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {of
        .filter(([, value]) => value !== null && value !== undefined && value !== "")
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

export function Meter({
  used,
  limit,
  label,
}: {
  readonly used: number;
  readonly limit: number;
  readonly label: string;
}) {
  const share = limit <= 0 ? 1 : Math.min(1, used / limit);
  return (
    <meter class="meter" min={0} max={1} low={0.8} high={0.999} optimum={0} value={share} aria-label={label}>
      {Math.round(share * 100)} %
    </meter>
  );
}

/** The beginning of an id, whole in its title, copied by a click. */
export function Id({ of, what }: { readonly of: string; readonly what: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <button
      type="button"
      class="id mono"
      title={`${of} (click to copy)`}
      aria-label={`${copied ? "copied" : of.slice(0, 8)}: copy the id of this ${what}`}
      onClick={() => {
        void navigator.clipboard.writeText(of).then(() => {
          setCopied(true);
          setTimeout(() => setCopied(false), 1_500);
        });
      }}
    >
      {copied ? "copied" : of.slice(0, 8)}
    </button>
  );
}

export function Tabs<Name extends string>(props: {
  readonly label: string;
  readonly tabs: readonly {
    readonly name: Name;
    readonly title: string;
    readonly count?: number | undefined;
    readonly href: string;
  }[];
  readonly now: Name;
}) {
  return (
    <nav class="tabs" aria-label={props.label}>
      {props.tabs.map((tab) => (
        <a key={tab.name} href={tab.href} aria-current={tab.name === props.now ? "page" : undefined}>
          {tab.title}
          {tab.count === undefined ? null : <span class="count number">{tab.count}</span>}
        </a>
      ))}
    </nav>
  );
}

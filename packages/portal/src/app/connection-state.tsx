import { Icon } from "../ui/icon.tsx";
import { spanText } from "../ui/time.tsx";
import { Revealed } from "../ui/words.tsx";
import { useApp } from "./app.ts";

/** Whether the page is at its node, in a line. */
export function ConnectionState() {
  const { mesh, status, clock } = useApp();
  const connection = mesh.connection.value;
  const elapsed = spanText(Math.max(0, clock.nowMs.value - connectionSince(connection)));
  switch (connection.state) {
    case "connected":
      return (
        <p class="connection good" role="status">
          <Icon name="plug" size={14} /> at {status.value?.node ?? "the node"}
        </p>
      );
    case "connecting":
      return (
        <p class="connection warn" role="status" title={connection.lastError}>
          <Icon name="loader" size={14} /> {connection.lastError === undefined ? "connecting" : `away for ${elapsed}`}
        </p>
      );
    case "over":
      return null;
  }
}

function connectionSince(connection: { readonly state: string; readonly sinceMs?: number }): number {
  return connection.sinceMs ?? 0;
}

/** Nobody is let in with what the page has: what a person does now. */
export function OverScreen({ reason }: { readonly reason: string }) {
  const { home } = useApp();
  return (
    <main class="over">
      <div class="over-card">
        <span class="brand-mark" aria-hidden="true">
          <Icon name="mesh" size={22} />
        </span>
        <h1>This page is not let in</h1>
        <p class="soft">
          <Revealed text={reason} />
        </p>
        <p>{home.howToGetIn}</p>
        {home.kind === "browser" ? (
          <p class="faint">A link works once and for a short time. After that, this tab comes back by itself.</p>
        ) : null}
      </div>
    </main>
  );
}

/** A defect in one room takes nobody else with it: it is said, and the rest of the page goes on. */
import type { ComponentChildren } from "preact";
import { useErrorBoundary } from "preact/hooks";
import { Icon } from "../ui/icon.tsx";

export function RoomBoundary({ children }: { readonly children: ComponentChildren }) {
  const [error, reset] = useErrorBoundary();
  if (error === undefined) return <>{children}</>;
  return (
    <div class="failed" role="alert" data-defect>
      <Icon name="warn" />
      <div class="grow">
        <p>This room cannot be shown: {String(error instanceof Error ? error.message : error)}</p>
        <p class="soft">It is a defect of the portal; the other rooms go on. Please tell us what you opened.</p>
      </div>
      <button type="button" class="button" onClick={reset}>
        Try again
      </button>
    </div>
  );
}

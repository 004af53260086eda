import { Dialog } from "../ui/dialog.tsx";
import { useApp } from "./app.ts";

/** Before a link of somebody's leads out of the page: where to, letter by letter. */
export function LinkDialog() {
  const { dialogs, home } = useApp();
  const url = dialogs.link.value;
  if (url === undefined) return null;
  const close = (): void => dialogs.askToOpen(undefined);
  const { host } = new URL(url);
  return (
    <Dialog title="Open this address?" onClose={close}>
      <p>
        This link was written by somebody in the mesh. It leads to <strong>{host}</strong>:
      </p>
      <p class="secret mono">{url}</p>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={close}>
          Stay here
        </button>
        <button
          type="button"
          class="button primary"
          onClick={() => {
            close();
            home.openLink(url);
          }}
        >
          Open it
        </button>
      </div>
    </Dialog>
  );
}

/** A dialog over the page, as the browser makes it: focus stays inside, Escape closes it, focus goes back after. */
import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Icon } from "./icon.tsx";

export function Dialog({
  title,
  onClose,
  held = false,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  /** It cannot be closed now: something would be lost with it. */
  readonly held?: boolean;
  readonly children: ComponentChildren;
}) {
  const modal = useModal(onClose, held);
  const id = useId();
  return (
    <dialog {...modal} class="dialog" aria-labelledby={id}>
      <header class="dialog-head">
        <h2 id={id}>{title}</h2>
        <button type="button" class="button quiet" aria-label="Close" disabled={held} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}

/** What makes an element a dialog that is open for as long as it is drawn. */
export function useModal(
  onClose: () => void,
  held = false,
): {
  readonly ref: RefObject<HTMLDialogElement | null>;
  readonly onClose: () => void;
  readonly onCancel: (event: Event) => void;
} {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return {
    ref,
    onClose: () => {
      // The browser tells it later, also of an element that is gone: by then it is another's turn.
      if (ref.current === null) return;
      // A second Escape closes it without asking.
      if (held) ref.current.showModal();
      else onClose();
    },
    onCancel: (event) => {
      if (held) event.preventDefault();
    },
  };
}

import { type FormEvent, type ReactNode, useEffect, useId, useRef } from "react";

interface DialogProps {
  title: string;
  onClose(): void;
  children: ReactNode;
  /** The label of the button that acts. Without it the dialog only shows something. */
  act?: string;
  onAct?(form: FormData): void;
  /** The act is under way. */
  busy?: boolean;
  /** The act removes or stops something. */
  danger?: boolean;
  error?: Error | null;
  wide?: boolean;
}

/**
 * Says what will happen, and asks. `Escape` and the other button change nothing. They do not stop an act that is under
 * way; a message then reports its result.
 */
export function Dialog({
  title,
  onClose,
  children,
  act,
  onAct,
  busy = false,
  danger = false,
  error = null,
  wide = false,
}: DialogProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (!busy) onAct?.(new FormData(event.currentTarget));
  };
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      className={wide ? "wide" : ""}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <form method="dialog" onSubmit={submit}>
        <h2 id={heading}>{title}</h2>
        {children}
        {error !== null && (
          <p className="said bad" role="alert">
            {error.message}
          </p>
        )}
        <div className="dialog-actions">
          <button type="button" className="quiet" onClick={onClose}>
            {act === undefined ? "Close" : "Cancel"}
          </button>
          {act !== undefined && (
            <button type="submit" className={danger ? "danger" : ""} disabled={busy}>
              {busy ? "…" : act}
            </button>
          )}
        </div>
      </form>
    </dialog>
  );
}

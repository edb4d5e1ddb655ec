import { type ReactNode, useEffect, useId, useRef } from "react";
import { SignInForm } from "./sign-in-form.tsx";

/**
 * Covers the pages of a session that has ended, until the next one begins. The pages stay below it, with what was typed
 * there.
 */
export function SignInAgain(): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const element = dialog.current;
    // `Escape` closes dialogs; older browsers do not know the attribute that prevents it.
    element?.setAttribute("closedby", "none");
    const show = (): void => element?.showModal();
    show();
    element?.addEventListener("close", show);
    return () => {
      element?.removeEventListener("close", show);
      element?.close();
    };
  }, []);
  return (
    <dialog ref={dialog} className="sign-in-again" aria-labelledby={heading} onCancel={(event) => event.preventDefault()}>
      <SignInForm
        title={<h2 id={heading}>Your session has ended.</h2>}
        note="Sign in again with the same key to go on where you were: what you typed is still there."
      />
    </dialog>
  );
}

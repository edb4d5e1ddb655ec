import type { ReactNode } from "react";
import { SignInForm } from "./sign-in-form.tsx";

/**
 * The page before anyone has signed in; `note` says why they should. The requested page opens afterwards, because the
 * address has not changed.
 */
export function SignInPage({ note }: { note: ReactNode }): ReactNode {
  return (
    <main className="sign-in">
      <SignInForm title={<h1>Carabiner</h1>} note={note} />
    </main>
  );
}

import { type FormEvent, type ReactNode, useState } from "react";
import { useSigning } from "../api/session.ts";

/** Asks for a key; `note` says why. */
export function SignInForm({ title, note }: { title: ReactNode; note: ReactNode }): ReactNode {
  const { signIn } = useSigning();
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const key = String(new FormData(event.currentTarget).get("key")).trim();
    setBusy(true);
    setProblem(null);
    signIn(key)
      .catch((error: Error) => setProblem(error.message))
      .finally(() => setBusy(false));
  };
  return (
    <form onSubmit={submit}>
      {title}
      <p className="soft">{note}</p>
      <label>
        Secret key or operator key
        <input
          name="key"
          type="password"
          autoComplete="current-password"
          spellCheck={false}
          placeholder="sk_test_…, sk_live_… or op_…"
          required
        />
      </label>
      {problem !== null && (
        <p className="bad said" role="alert">
          {problem}
        </p>
      )}
      <button type="submit" disabled={busy}>
        Sign in
      </button>
      <p className="soft">
        A secret or restricted key decides the mode, and what you may do. <code>carabiner keys create</code> makes one. With an operator key
        you choose the platform and the mode.
      </p>
    </form>
  );
}

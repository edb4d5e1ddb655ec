import { type ReactNode, useEffect, useState } from "react";
import { CopyButton } from "./copy-button.tsx";
import { useShownFailure } from "./shown-failures.ts";

/** Time before a page shows that it is waiting, so that a faster answer does not flicker. */
const PATIENCE_MS = 200;

/** Time after which it says so in words. */
const LONG_MS = 4_000;

/**
 * Shown while the first answer is on its way: nothing at first, then placeholder lines, then words.
 */
export function Loading({ rows = 6 }: { rows?: number }): ReactNode {
  const [waited, setWaited] = useState<"a moment" | "a while" | "long">("a moment");
  useEffect(() => {
    const timers = [setTimeout(() => setWaited("a while"), PATIENCE_MS), setTimeout(() => setWaited("long"), LONG_MS)];
    return () => {
      for (const timer of timers) clearTimeout(timer);
    };
  }, []);
  if (waited === "a moment") return <div className="loading" aria-busy="true" />;
  return (
    <div className="loading shown" role="status" aria-label={waited === "long" ? "Waiting for the server" : "Loading"}>
      {waited === "long" && <p className="soft">Waiting for the server…</p>}
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are alike
        <i key={index} />
      ))}
    </div>
  );
}

interface EmptyProps {
  title: string;
  children?: ReactNode;
  /** What to do first, to be copied into a shell. */
  command?: string;
  /** What the command needs. */
  note?: string;
}

/** Says that there is nothing yet, and what to do first. */
export function Empty({ title, children, command, note }: EmptyProps): ReactNode {
  return (
    <div className="notice">
      <h2>{title}</h2>
      {children}
      {command !== undefined && <Command text={command} />}
      {note !== undefined && <p className="soft">{note}</p>}
    </div>
  );
}

/** A command to copy. */
function Command({ text }: { text: string }): ReactNode {
  return (
    <div className="command">
      <code>{text}</code>
      <CopyButton text={text} what="Copy the command" />
    </div>
  );
}

/** Shows a failed call: what the server said, and how to try again. */
export function Failed({ error, retry }: { error: Error; retry?: (() => void) | undefined }): ReactNode {
  useShownFailure(error);
  const missing = "isMissing" in error && error.isMissing === true;
  const wrong = "isWrong" in error && error.isWrong === true;
  const forbidden = "isForbidden" in error && error.isForbidden === true;
  const forOperators = "isForOperators" in error && error.isForOperators === true;
  return (
    <div className="notice" role="alert">
      <h2>
        {missing
          ? "There is nothing by this id"
          : wrong
            ? "This cannot be asked for"
            : forbidden
              ? "Your key may not see this"
              : "This could not be read"}
      </h2>
      <p className="said">{withCode(error.message)}</p>
      {missing && (
        <p className="soft">It was deleted, is older than what the server keeps, or belongs to the other mode or to another account.</p>
      )}
      {wrong && <p className="soft">Change the filters, or clear them.</p>}
      {forbidden && !forOperators && (
        <p className="soft">
          To see it, sign out, and sign in with a key that may. <code>carabiner keys create</code> makes one.
        </p>
      )}
      {retry !== undefined && !missing && !wrong && !forbidden && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** A message from the server. Text in backticks is shown as code. */
function withCode(message: string): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no other
  return message.split("`").map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part));
}

/** A page that has a mistake, or was given what it does not know: what to do. */
export function Broken({ error }: { error: Error }): ReactNode {
  return (
    <div className="notice" role="alert">
      <h2>This page cannot be shown</h2>
      <p className="said">{error.message}</p>
      <p className="soft">
        Other pages work. Load this one again: after an upgrade of the server that is enough. If it stays so, report it with this message.
      </p>
      <button type="button" onClick={() => location.reload()}>
        Load again
      </button>
    </div>
  );
}

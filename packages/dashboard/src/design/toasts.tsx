import { type ReactNode, useEffect, useState, useSyncExternalStore } from "react";
import { Link } from "wouter";

/** What an act did. */
interface Told {
  id: number;
  text: string;
  tone: "good" | "bad";
  /** Where its result is. */
  href?: string | undefined;
  /** Reverts the act. */
  undo?: (() => void) | undefined;
}

let told: readonly Told[] = [];
let last = 0;
const listeners = new Set<() => void>();

/**
 * How long a message about a success stays, in milliseconds, and how long it stays after the pointer leaves it. A
 * message about a failure stays until it is dismissed.
 */
const STAYS_MS = 6_000;

/** Says what an act did, with a link to its result, and a button that reverts it if that is possible. */
export function tell(text: string, { href, undo, tone = "good" }: { href?: string; undo?: () => void; tone?: Told["tone"] } = {}): void {
  last++;
  set([...told.slice(-2), { id: last, text, tone, href, undo }]);
}

function set(next: readonly Told[]): void {
  told = next;
  for (const listener of listeners) listener();
}

/** The place for messages: at the foot of the page, announced politely by screen readers. */
export function Toasts(): ReactNode {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => told,
  );
  return (
    <div className="toasts" role="status">
      {shown.map((one) => (
        <Toast key={one.id} told={one} />
      ))}
    </div>
  );
}

function Toast({ told: { id, text, tone, href, undo } }: { told: Told }): ReactNode {
  // Its link and its button do not disappear under the pointer.
  const [isHeld, setHeld] = useState(false);
  useEffect(() => {
    if (isHeld || tone === "bad") return;
    const timer = setTimeout(() => dismiss(id), STAYS_MS);
    return () => clearTimeout(timer);
  }, [id, isHeld, tone]);
  const hold = { onMouseEnter: () => setHeld(true), onFocus: () => setHeld(true) };
  const letGo = { onMouseLeave: () => setHeld(false), onBlur: () => setHeld(false) };
  return (
    <div className={`toast ${tone}`} {...hold} {...letGo}>
      <span>{text}</span>
      {href !== undefined && (
        <Link href={href} onClick={() => dismiss(id)}>
          Show
        </Link>
      )}
      {undo !== undefined && (
        <button
          type="button"
          className="bare"
          onClick={() => {
            dismiss(id);
            undo();
          }}
        >
          Undo
        </button>
      )}
      <button type="button" className="icon" aria-label="Dismiss" onClick={() => dismiss(id)}>
        ×
      </button>
    </div>
  );
}

const dismiss = (id: number): void => set(told.filter((one) => one.id !== id));

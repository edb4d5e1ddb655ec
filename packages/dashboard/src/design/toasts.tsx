import { type ReactNode, useEffect, useState, useSyncExternalStore } from "react";
import { Link } from "wouter";

/** What an act did. */
interface Told {
  id: number;
  text: string;
  tone: "good" | "bad";
  /** Where its result is. */
  href?: string | undefined;
  /** Takes it back. */
  undo?: (() => void) | undefined;
}

let told: readonly Told[] = [];
let last = 0;
const listeners = new Set<() => void>();

/**
 * Time for which a message of a success stays, in milliseconds, and again once nobody points at it. That of a failure
 * stays until it is dismissed.
 */
const STAYS_MS = 6_000;

/** Says what an act did, with a link to its result, and a button that takes it back where it can be. */
export function tell(text: string, { href, undo, tone = "good" }: { href?: string; undo?: () => void; tone?: Told["tone"] } = {}): void {
  last++;
  set([...told.slice(-2), { id: last, text, tone, href, undo }]);
}

function set(next: readonly Told[]): void {
  told = next;
  for (const listener of listeners) listener();
}

/** Where messages show: at the foot of the page, read out politely. */
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
  // Its link and its button do not go away from under a hand.
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

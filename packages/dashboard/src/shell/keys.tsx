import type { ReactNode } from "react";
import { Dialog } from "../design/dialog.tsx";
import type { Place } from "./places.ts";

/** The keys of every page. */
const KEYS: readonly (readonly [keys: string, does: string])[] = [
  ["/", "Search an id"],
  ["j", "Next row"],
  ["k", "Row before"],
  ["Enter", "Open the row"],
  ["Escape", "Close what is open"],
  ["r", "Resend what is open or focused"],
  ["?", "Show these keys"],
];

/** The keyboard shortcuts. */
export function Keys({ places, onClose }: { places: readonly Place[]; onClose(): void }): ReactNode {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl className="keys">
        {[...KEYS, ...places.map(({ letter, name }) => [`g ${letter}`, `Go to ${name}`] as const)].map(([keys, does]) => (
          <div key={keys}>
            <dt>
              {keys.split(" ").map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

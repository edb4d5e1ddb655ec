import type { ReactNode } from "react";
import { useServerTime } from "../design/now.ts";
import { type DueNext, LINE_MARKS, placeOnLine } from "./due-next.ts";

/** What falls due on a line from now on: near times have more room. The list below it has the same content. */
export function Line({ due }: { due: readonly DueNext[] }): ReactNode {
  // The marks need not be updated every second.
  const now = useServerTime((ms) => Math.floor(ms / 10_000) * 10);
  const last = LINE_MARKS.length - 1;
  return (
    <div className="due-line-chart" aria-hidden="true">
      <div className="axis">
        {LINE_MARKS.map(([, name], index) => (
          <span key={name} style={{ left: `${(index / last) * 100}%` }}>
            {name}
          </span>
        ))}
        {due.slice(0, 200).map(({ id, at, kind, what }) => (
          <i key={id} className={kind} title={what} style={{ left: `${placeOnLine(at - now) * 100}%` }} />
        ))}
      </div>
    </div>
  );
}

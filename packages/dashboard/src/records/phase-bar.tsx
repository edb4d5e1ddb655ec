import type { ReactNode } from "react";
import type { Attempt } from "../api/answers.ts";
import { millisecondWords } from "../design/time-words.ts";
import { phasesOf } from "./phases.ts";

/** Where the time of an attempt went: a bar, and the same in words. */
export function PhaseBar({ attempt }: { attempt: Attempt }): ReactNode {
  const phases = phasesOf(attempt);
  if (phases.length === 0) return null;
  return (
    <div className="phases">
      <div className="phase-bar" aria-hidden="true">
        {phases.map(({ name, ms }, index) => (
          <i key={name} className={`phase-${index % 5}`} style={{ flexGrow: Math.max(ms, 0.01) }} />
        ))}
      </div>
      <ul>
        {phases.map(({ name, ms }, index) => (
          <li key={name}>
            <i className={`phase-${index % 5}`} aria-hidden="true" /> {name} <span className="figure">{millisecondWords(ms)}</span>
          </li>
        ))}
        {attempt.phases?.connection === "reused" && <li>on a connection that was open</li>}
      </ul>
    </div>
  );
}

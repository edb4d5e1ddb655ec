import type { ReactNode } from "react";

/** What a state means to the reader. It determines the colour and the mark. */
export type Tone = "good" | "bad" | "waiting" | "quiet";

const MARKS: Readonly<Record<Tone, string>> = { good: "✓", bad: "✗", waiting: "◌", quiet: "●" };

/** A state as a mark and a word, never as a colour alone. */
export function State({ tone, children, title }: { tone: Tone; children: ReactNode; title?: string }): ReactNode {
  return (
    <span className={`state ${tone}`} title={title}>
      <span className="mark" aria-hidden="true">
        {MARKS[tone]}
      </span>
      {children}
    </span>
  );
}

/** A word in a frame: a mode, a kind, a count. */
export function Badge({ tone = "quiet", children, title }: { tone?: Tone; children: ReactNode; title?: string }): ReactNode {
  return (
    <span className={`badge ${tone}`} title={title}>
      {children}
    </span>
  );
}

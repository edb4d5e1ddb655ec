import type { ReactNode } from "react";
import { changesOf } from "./changes.ts";

/** The most characters of one value that are shown. */
const MOST_CHARS = 2_000;

/** What changed: each field with its value before and now, side by side. */
export function Difference({ now, previous }: { now: unknown; previous: unknown }): ReactNode {
  const changes = changesOf(now, previous);
  if (changes.length === 0) return <p className="soft">Nothing that can be told: the old values are those of now.</p>;
  return (
    <table className="difference">
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Before</th>
          <th scope="col">Now</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ path, before, after }) => (
          <tr key={path}>
            <th scope="row">
              <code>{path}</code>
            </th>
            <td>{before === undefined ? <span className="soft">absent</span> : <del>{cut(before)}</del>}</td>
            <td>{after === undefined ? <span className="soft">absent</span> : <ins>{cut(after)}</ins>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const cut = (text: string): string => (text.length > MOST_CHARS ? `${text.slice(0, MOST_CHARS)}…` : text);

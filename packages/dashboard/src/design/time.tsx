import type { ReactNode } from "react";
import { useServerTime } from "./now.ts";
import { exactTime, relativeTime, rowTime } from "./time-words.ts";

/** A time relative to the server's clock; the exact one shows on hover, and beside it with `exact`. Unix seconds. */
export function Time({ at, exact = false }: { at: number; exact?: boolean }): ReactNode {
  const words = useServerTime((now) => relativeTime(at, now / 1_000));
  const full = exactTime(at);
  return (
    <time dateTime={new Date(at * 1_000).toISOString()} title={full}>
      {words}
      {exact && <span className="soft"> · {full}</span>}
    </time>
  );
}

/** A time in a row of a list: the time of day, and the relative one where the list is wide. Unix seconds. */
export function RowTime({ at }: { at: number }): ReactNode {
  const words = useServerTime((now) => relativeTime(at, now / 1_000));
  const clock = useServerTime((now) => rowTime(at, now / 1_000));
  return (
    <time className="row-time" dateTime={new Date(at * 1_000).toISOString()} title={exactTime(at)} data-exact={exactTime(at)}>
      <span className="row-time-words">{words}</span>
      <span className="row-time-clock">{clock}</span>
    </time>
  );
}

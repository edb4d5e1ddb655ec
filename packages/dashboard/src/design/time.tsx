import type { ReactNode } from "react";
import { useServerTime } from "./now.ts";
import { exactTime, relativeTime, rowTime } from "./time-words.ts";

interface TimeProps {
  /** Unix seconds. */
  at: number;
  /** Whether the exact time stands beside it. */
  exact?: boolean;
  /** Whether it is part of a link or a button, whose focus shows the exact time. */
  within?: boolean;
}

/** A time relative to the server's clock. The exact one shows on hover and on focus, or beside it. */
export function Time({ at, exact = false, within = false }: TimeProps): ReactNode {
  const words = useServerTime((now) => relativeTime(at, now / 1_000));
  const full = exactTime(at);
  return (
    <time
      dateTime={new Date(at * 1_000).toISOString()}
      title={full}
      {...(exact ? {} : { "data-exact": full })}
      // Without a mouse, only what has the focus can show more.
      {...(exact || within ? {} : { tabIndex: 0 })}
    >
      {words}
      {exact && <span className="soft"> · {full}</span>}
    </time>
  );
}

/**
 * A time in a row of a list, which shows the exact one on hover and on focus: the time of day, and the relative one
 * where the list is wide. Unix seconds.
 */
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

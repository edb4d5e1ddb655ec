import { type ReactNode, useEffect } from "react";
import { Link } from "wouter";
import type { Clock } from "../api/answers.ts";
import { useAnswer } from "../api/queries.ts";
import { realNow, tellServerTime, useServerTime } from "../design/now.ts";
import { Badge } from "../design/state.tsx";
import { durationWords, exactTime } from "../design/time-words.ts";

/** How far a server's clock may be from this machine's before the page says so, in seconds. */
const NOTICED_S = 60;

/** Follows the server's clock, and says when it was turned: all times on the page are by that clock. */
export function TurnedClock(): ReactNode {
  const clock = useAnswer<Clock>("clock", "/v1/test_helpers/clock").data;
  useEffect(() => {
    if (clock !== undefined) tellServerTime(clock);
  }, [clock]);
  const ahead = useServerTime((now) => Math.round((now - realNow()) / 1_000));
  const now = useServerTime((ms) => exactTime(Math.floor(ms / 1_000)));
  if (clock === undefined || (Math.abs(ahead) < NOTICED_S && !clock.frozen)) return null;
  return (
    <Link href="/clock" className="turned-clock" title={`On the server it is ${now}`}>
      <Badge tone="waiting">
        {clock.frozen ? "clock frozen" : ahead > 0 ? `clock ${durationWords(ahead)} ahead` : `clock ${durationWords(-ahead)} behind`}
      </Badge>
    </Link>
  );
}

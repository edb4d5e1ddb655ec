import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useClient } from "./client-context.ts";
import { connection, onConnection, tellAnswered, tellConnection, useConnection } from "./connection.ts";
import { isPassing } from "./failure.ts";
import { knock } from "./knock.ts";
import { followStream } from "./live-stream.ts";
import type { Topic } from "./queries.ts";
import { renewQueries } from "./renew-queries.ts";
import { staleTopics } from "./stale-topics.ts";
import { isUntouched } from "./touched.ts";

/** How often lists are read again while no stream reports changes, in milliseconds. */
const TICK_MS = 2_000;
/** How often the page checks whether a server that is away, or cannot work, has recovered. */
const KNOCK_MS = 2_000;
/**
 * After this many ticks, data that no stream reports is read again in any case: another browser may have turned the
 * clock.
 */
const SELDOM = 5;
const OFTEN: readonly Topic[] = ["events", "deliveries", "endpoints", "requests"];
/** No stream reports a retry of an older delivery that another node made. */
const ALWAYS_SELDOM: readonly Topic[] = ["clock", "system", "deliveries", "events"];

/** Keeps what the page shows up to date: while it can be seen, and while the server answers. */
export function useLive(): void {
  const { mode } = useClient();
  const cache = useQueryClient();
  const hasEnded = useConnection() === "signed-out";
  useEffect(() => {
    if (hasEnded) return;
    const renew = (topics: readonly Topic[]): void => {
      for (const topic of topics) void renewQueries(cache, [mode, topic]);
    };
    let streaming = false;
    const stop = followStream(mode, {
      changed: (changes) => renew(staleTopics(changes)),
      connected(is) {
        streaming = is;
        if (!is) {
          void knock();
          return;
        }
        tellAnswered();
        // Reads what happened while the stream was silent.
        renew([...OFTEN, "accounts", "money"]);
      },
      ended: () => tellConnection("signed-out"),
    });
    let ticks = 0;
    const tick = setInterval(() => {
      // A server that reports that it cannot work may still answer reads.
      if (document.hidden || connection() === "away" || connection() === "signed-out") return;
      ticks++;
      if (!streaming) renew(OFTEN);
      if (ticks % SELDOM !== 0) return;
      // A stream that broke without notice, or whose server hangs, is only silent.
      void knock();
      renewFailed(cache);
      renew(streaming ? ALWAYS_SELDOM : [...ALWAYS_SELDOM, "accounts", "money"]);
      // A user who fills in a long form makes no requests, but still uses the session.
      if (!isUntouched()) void renewQueries(cache, ["session"]);
    }, TICK_MS);
    return () => {
      clearInterval(tick);
      stop();
    };
  }, [cache, hasEnded, mode]);
  useEffect(() => {
    let knocking: ReturnType<typeof setInterval> | undefined;
    const stop = onConnection(() => {
      clearInterval(knocking);
      if (connection() === "away" || connection() === "unable") knocking = setInterval(() => void knock(), KNOCK_MS);
      if (connection() === "answering") void renewQueries(cache);
    });
    return () => {
      clearInterval(knocking);
      stop();
    };
  }, [cache]);
}

/** Reads again what could not be read for a temporary reason: nothing else may trigger another read. */
function renewFailed(cache: QueryClient): void {
  for (const { queryKey, state } of cache.getQueryCache().findAll({ type: "active", fetchStatus: "idle" }))
    if (isPassing(state.error)) void renewQueries(cache, queryKey);
}

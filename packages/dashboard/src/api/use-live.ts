import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useClient } from "./client-context.ts";
import { connection, onConnection, tellConnection } from "./connection.ts";
import { SERVER_PATH } from "./place.ts";

/** How often lists are read anew, in milliseconds. */
const TICK_MS = 2_000;
/** How often a server that is away is asked whether it is back. */
const KNOCK_MS = 2_000;
/** Ticks after which accounts are read anew. */
const SELDOM = 5;
/** What grows by itself. */
const TOPICS = ["events", "deliveries", "endpoints", "requests", "clock", "system"];

/** Keeps what the page shows up to date: while it can be seen, and while the server answers. */
export function useLive(): void {
  const { mode } = useClient();
  const cache = useQueryClient();
  useEffect(() => {
    let ticks = 0;
    const tick = setInterval(() => {
      ticks++;
      if (document.hidden || connection() !== "answering") return;
      for (const topic of ticks % SELDOM === 0 ? [...TOPICS, "accounts"] : TOPICS)
        void cache.invalidateQueries({ queryKey: [mode, topic], type: "active" });
    }, TICK_MS);
    return () => clearInterval(tick);
  }, [cache, mode]);
  useEffect(() => {
    let knocking: ReturnType<typeof setInterval> | undefined;
    const stop = onConnection(() => {
      clearInterval(knocking);
      if (connection() === "away") knocking = setInterval(knock, KNOCK_MS);
      if (connection() === "answering") void cache.invalidateQueries();
    });
    return () => {
      clearInterval(knocking);
      stop();
    };
  }, [cache]);
}

function knock(): void {
  fetch(`${SERVER_PATH}/health`).then(
    ({ ok }) => ok && tellConnection("answering"),
    () => undefined,
  );
}

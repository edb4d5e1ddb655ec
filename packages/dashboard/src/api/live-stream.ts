import { openStream, type StreamListener } from "./open-stream.ts";
import { type Mode, SERVER_PATH } from "./place.ts";
import { chosenPlatform } from "./platform.ts";
import type { Changes } from "./stale-topics.ts";

type Told = { kind: "changes"; changes: Changes } | { kind: "connected"; is: boolean } | { kind: "ended" } | { kind: "who is there" };

/**
 * Follows what happens in a mode, on the platform that this tab shows, while the tab is visible. All tabs of a browser
 * share one stream: the tab that holds the lock has it, and passes on what it receives. A hidden tab releases it, so
 * that the next one takes over. Where a browser has no locks (plain http on another machine), each tab has its own
 * stream. Returns a function that stops it.
 */
export function followStream(mode: Mode, listener: StreamListener): () => void {
  const platform = chosenPlatform();
  const name = `carabiner ${SERVER_PATH} ${mode} ${platform ?? ""}`;
  const asked = new URLSearchParams({ mode, ...(platform === null ? {} : { platform }) });
  const channel = new BroadcastChannel(name);
  let release = new AbortController();
  /** Whether this tab has the stream, and it is open. */
  let isOpen = false;

  const hear = (told: Told): void => {
    if (told.kind === "changes") listener.changed(told.changes);
    else if (told.kind === "connected") listener.connected(told.is);
    else if (told.kind === "ended") listener.ended();
    else if (isOpen) channel.postMessage({ kind: "connected", is: true } satisfies Told);
  };
  channel.onmessage = ({ data }: MessageEvent<Told>) => hear(data);
  const tell = (told: Told): void => {
    hear(told);
    channel.postMessage(told);
  };

  /** Keeps the stream open until it is released. */
  const hold = (signal: AbortSignal): Promise<void> => {
    const close = openStream(`${SERVER_PATH}/console/stream?${asked}`, {
      changed: (changes) => tell({ kind: "changes", changes }),
      connected(is) {
        isOpen = is;
        tell({ kind: "connected", is });
      },
      ended: () => tell({ kind: "ended" }),
    });
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => {
        close();
        isOpen = false;
        channel.postMessage({ kind: "connected", is: false } satisfies Told);
        resolve();
      });
    });
  };

  const begin = (): void => {
    release = new AbortController();
    const { signal } = release;
    channel.postMessage({ kind: "who is there" } satisfies Told);
    if (navigator.locks === undefined) void hold(signal);
    else navigator.locks.request(name, { signal }, () => hold(signal)).catch(ignoreAborted);
  };
  const onVisibility = (): void => {
    if (document.hidden) release.abort();
    else begin();
  };
  document.addEventListener("visibilitychange", onVisibility);
  if (!document.hidden) begin();
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    release.abort();
    channel.close();
  };
}

/** Waiting for the lock was given up. */
function ignoreAborted(error: unknown): void {
  if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
}

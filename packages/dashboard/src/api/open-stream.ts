import type { Changes } from "./stale-topics.ts";

/** How long after an answer that is not a stream it is asked for again, in milliseconds. */
const REOPEN_MS = 5_000;
/** How long a stream may take to begin, in milliseconds. Then it is asked for again. */
const BEGINS_MS = 20_000;
/**
 * How much later than it says a stream may be heard of, in milliseconds. Then its connection is dead, and it is asked
 * for again.
 */
const LATE_MS = 20_000;

/** What a page is told. */
export interface StreamListener {
  changed(changes: Changes): void;
  /** Whether something tells of changes. */
  connected(is: boolean): void;
  /** The session has ended. */
  ended(): void;
}

/**
 * Has the server's stream at an address open, and opens it again when its connection breaks, or says nothing any more:
 * over a connection that is dead, as after a sleep, nothing comes, not even its end. Returns what closes it.
 */
export function openStream(url: string, listener: StreamListener): () => void {
  let source: EventSource;
  let reopening: ReturnType<typeof setTimeout> | undefined;

  const reopenAfter = (ms: number | null): void => {
    clearTimeout(reopening);
    if (ms === null) return;
    reopening = setTimeout(() => {
      if (source.readyState !== EventSource.CLOSED) {
        source.close();
        listener.connected(false);
      }
      open();
    }, ms);
  };

  const open = (): void => {
    const opened = new EventSource(url);
    source = opened;
    /** How long it may be silent; null if the server does not say. */
    let silentMs: number | null = BEGINS_MS;
    const on = (type: string, told: (data: string) => void): void =>
      opened.addEventListener(type, ({ data }: MessageEvent<string>) => {
        reopenAfter(silentMs);
        told(data);
      });
    reopenAfter(silentMs);
    on("hello", (data) => {
      const changes = JSON.parse(data) as Changes & { heartbeat_ms?: number };
      silentMs = changes.heartbeat_ms === undefined ? null : changes.heartbeat_ms + LATE_MS;
      reopenAfter(silentMs);
      listener.connected(true);
      listener.changed(changes);
    });
    on("alive", () => undefined);
    on("changes", (data) => listener.changed(JSON.parse(data) as Changes));
    on("ended", () => {
      clearTimeout(reopening);
      opened.close();
      listener.ended();
    });
    opened.onerror = () => {
      listener.connected(false);
      // A browser connects again by itself after a connection that broke, but never after an answer that is not a
      // stream: a proxy's in the place of a server that starts, or a refusal of one stream too many.
      reopenAfter(opened.readyState === EventSource.CLOSED ? REOPEN_MS : BEGINS_MS);
    };
  };

  open();
  return () => {
    clearTimeout(reopening);
    source.close();
  };
}

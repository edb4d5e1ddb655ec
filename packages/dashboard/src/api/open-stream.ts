import type { Changes } from "./stale-topics.ts";

/** How long to wait after an answer that is not a stream before requesting the stream again, in milliseconds. */
const REOPEN_MS = 5_000;
/** How long a stream may take to begin, in milliseconds. After that it is requested again. */
const BEGINS_MS = 20_000;
/**
 * How much longer than it announces a stream may be silent, in milliseconds. After that its connection counts as dead,
 * and it is requested again.
 */
const LATE_MS = 20_000;

/** The callbacks of a page. */
export interface StreamListener {
  changed(changes: Changes): void;
  /** Called with whether the stream is open and reports changes. */
  connected(is: boolean): void;
  /** The session has ended. */
  ended(): void;
}

/**
 * Keeps the server's stream at an address open, and opens it again when its connection breaks or goes silent: over a
 * dead connection, such as after sleep, nothing arrives, not even its end. Returns a function that closes it.
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
    /** How long it may be silent; null if the server has not announced it. */
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
      // A browser reconnects automatically after a broken connection, but never after an answer that is not a stream: a
      // proxy's answer while the server starts, or a refusal because there are too many streams.
      reopenAfter(opened.readyState === EventSource.CLOSED ? REOPEN_MS : BEGINS_MS);
    };
  };

  open();
  return () => {
    clearTimeout(reopening);
    source.close();
  };
}

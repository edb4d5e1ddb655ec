import { apiError } from "@carabiner/protocol";
import type { Clock } from "../../clock/clock.ts";
import type { Limits } from "../../limits.ts";
import { type Store, StoreUnavailable } from "../../store/store.ts";
import { type LiveChanges, type LookRequest, look, type Seen, type Watched } from "./look.ts";
import type { TouchedDeliveries } from "./touched-deliveries.ts";

/** A listener for changes. `at` is the server's time of the look that found them, Unix milliseconds. */
export interface LiveListener {
  /** Called at each look, even when nothing has changed. */
  tell(changes: LiveChanges, at: number): void;
  /** The server is closing. */
  end(): void;
}

/** An open stream. */
export interface LiveStream {
  /**
   * Resolves after the first look: the stream reports everything that happens from then on. The lists contain what
   * happened before. It also resolves when the server closes before that.
   */
  looked: Promise<void>;
  close(): void;
}

/** Tells browsers what happens. All browsers of one account and mode share the same looks into the store. */
export interface LiveStreams {
  /** Reports changes to a listener until the stream is closed. Throws `live_streams_too_many`. */
  open(who: Watched, listener: LiveListener): LiveStream;
  /** Ends all streams, and refuses new ones. */
  close(): void;
}

export interface LiveStreamsOptions {
  store: Pick<Store, "read">;
  clock: Clock;
  limits: Pick<Limits, "liveEveryMs" | "liveItems" | "liveOverlapMs" | "liveStreams" | "liveStreamsPerAccount">;
  touched: TouchedDeliveries;
  onBug(error: unknown): void;
}

/** The listeners of an account in a mode, and the first look for them. */
interface Channel {
  listeners: Set<LiveListener>;
  looked: PromiseWithResolvers<void>;
}

export function createLiveStreams({ store, clock, limits, touched, onBug }: LiveStreamsOptions): LiveStreams {
  const closing = new AbortController();
  const channels = new Map<string, Channel>();
  let open = 0;

  /** Looks into the store for as long as anyone listens. */
  async function run(name: string, who: Watched, { listeners, looked }: Channel): Promise<void> {
    const unwatch = touched.watch();
    let before: Seen | null = null;
    try {
      while (listeners.size > 0 && !closing.signal.aborted) {
        const request: LookRequest = {
          who,
          before,
          now: Math.floor(clock.now()),
          touched: touched.take([...(before?.endpoints.keys() ?? [])]),
          limits,
        };
        const found: Awaited<ReturnType<typeof look>> | null = await store
          .read((reads) => look(reads, request), name)
          .catch(nothingIfUnavailable);
        if (found !== null) {
          before = found.seen;
          looked.resolve();
          for (const listener of listeners) listener.tell(found.changes, request.now);
        }
        await clock.pause(limits.liveEveryMs, closing.signal);
      }
    } finally {
      looked.resolve();
      unwatch();
    }
  }

  return {
    open(who, listener) {
      const name = `${who.account.id} ${who.livemode}`;
      const known = channels.get(name);
      const channel = known ?? { listeners: new Set(), looked: Promise.withResolvers<void>() };
      if (closing.signal.aborted) throw apiError("server_stopping");
      if (open >= limits.liveStreams) throw apiError("live_streams_too_many", { limit: limits.liveStreams });
      if (channel.listeners.size >= limits.liveStreamsPerAccount)
        throw apiError("live_streams_too_many", { limit: limits.liveStreamsPerAccount });
      open++;
      channel.listeners.add(listener);
      if (known === undefined) {
        channels.set(name, channel);
        run(name, who, channel).catch(onBug);
      }
      return {
        looked: channel.looked.promise,
        close() {
          if (!channel.listeners.delete(listener)) return;
          open--;
          if (channel.listeners.size === 0 && channels.get(name) === channel) channels.delete(name);
        },
      };
    },
    close() {
      closing.abort();
      for (const { listeners } of channels.values()) for (const listener of listeners) listener.end();
    },
  };
}

/** The lists later show what was missed while the store was unavailable. */
function nothingIfUnavailable(error: unknown): null {
  if (error instanceof StoreUnavailable) return null;
  throw error;
}

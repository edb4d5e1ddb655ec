import type { Ending } from "./ending.ts";

/** Work that continues until the server closes. */
export interface Background {
  run(work: (signal: AbortSignal) => Promise<void>): void;
  /** Aborts all of it, and resolves when it has ended. */
  stop(): Promise<void>;
}

/** A bug in the work ends the server. */
export function createBackground(ending: Ending): Background {
  const closing = new AbortController();
  const running: Promise<void>[] = [];
  return {
    run: (work) => void running.push(work(closing.signal).catch(ending.fail)),
    async stop() {
      closing.abort();
      await Promise.all(running);
    },
  };
}

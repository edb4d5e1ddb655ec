import type { ApiClient, List, Parameters } from "./api-client.ts";
import { CommandFailure } from "./command-failure.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

/** How often a list is asked for what is new. */
const FOLLOW_EVERY_MS = 500;
/** How many rows are asked for at once. */
const PAGE_ROWS = 100;

/** A list that is followed. */
export interface Followed {
  client: ApiClient;
  path: string;
  query: Parameters;
  terminal: Pick<Terminal, "pause" | "tell" | "colours">;
  /** Ends it. */
  signal: AbortSignal;
  /** Called once: what is added after that is handed out. */
  onReady(): void;
  /** Called each time when everything new was handed out. */
  onCaughtUp?(): Promise<void>;
}

/**
 * What is added to a list from now on, the oldest first, until the signal ends it. It remembers one id and holds one page,
 * however much there is. A server that goes away is told once and asked again; one that was never there is a failure.
 */
export async function* followList<Item extends { id: string }>(followed: Followed): AsyncGenerator<Item> {
  const { client, path, query, terminal, signal } = followed;
  const page = async (more: Parameters) => (await client.get<List<Item>>(path, { ...query, ...more })).data;
  let last: string | undefined = (await page({ limit: 1 }))[0]?.id;
  followed.onReady();
  let away = false;
  while (!signal.aborted) {
    try {
      const items = await page({ limit: PAGE_ROWS, ending_before: last });
      if (away) terminal.tell(terminal.colours.err.dim("The server answers again."));
      away = false;
      for (const item of items.reverse()) {
        if (signal.aborted) return;
        yield item;
      }
      last = items.at(-1)?.id ?? last;
      if (items.length === PAGE_ROWS) continue;
      await followed.onCaughtUp?.();
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      if (error.exitCode === EXIT_CODES.notFound) {
        // What it remembers is too old to be there: it goes on with the newest.
        last = (await page({ limit: 1 }))[0]?.id;
        continue;
      }
      if (!canPass(error)) throw error;
      if (!away) terminal.tell(terminal.colours.err.yellow(`${error.message} It is asked again.`));
      away = true;
    }
    await terminal.pause(FOLLOW_EVERY_MS);
  }
}

/** Whether a failure may be over when it is asked again: nobody answered, too many requests, or the server is in trouble. */
function canPass({ exitCode, refusal }: CommandFailure): boolean {
  return exitCode === EXIT_CODES.unreachable || (refusal !== null && (refusal.status === 429 || refusal.status >= 500));
}

import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";
import type { ApiClient, List, Parameters } from "./api-client.ts";

/** How often a list is polled. */
const FOLLOW_EVERY_MS = 500;
/** How many rows are requested at once. */
const PAGE_ROWS = 100;

/** The list to follow. */
export interface Followed {
  client: ApiClient;
  path: string;
  query: Parameters;
  terminal: Pick<Terminal, "pause" | "tell" | "colours">;
  /** Aborting it stops the following. */
  signal: AbortSignal;
  /** Called once. Rows that are added later are yielded. */
  onReady(): void;
  /** Called each time when everything new has been yielded. */
  onCaughtUp?(): Promise<void>;
}

/**
 * Yields what is added to a list from now on, the oldest first, until the signal aborts. It keeps one id and one page
 * in memory, however long the list. (If the list was empty, it first takes everything that was added.) If a server
 * stops answering, it says so once and retries. A server that never answered is a failure.
 */
export async function* followList<Item extends { id: string }>(followed: Followed): AsyncGenerator<Item> {
  const { client, path, query, terminal, signal } = followed;
  const page = async (more: Parameters) => (await client.get<List<Item>>(path, { ...query, ...more })).data;
  /** Everything in a list that was empty, newest first: there is no row yet to continue from. */
  const all = async (): Promise<Item[]> => {
    const items = await page({ limit: PAGE_ROWS });
    for (let more = items; more.length === PAGE_ROWS; items.push(...more))
      more = await page({ limit: PAGE_ROWS, starting_after: items.at(-1)?.id });
    return items;
  };
  let last: string | undefined = (await page({ limit: 1 }))[0]?.id;
  followed.onReady();
  let away = false;
  while (!signal.aborted) {
    try {
      const items = last === undefined ? await all() : await page({ limit: PAGE_ROWS, ending_before: last });
      if (away) terminal.tell(terminal.colours.err.dim("The server answers again."));
      away = false;
      for (const item of items.reverse()) {
        if (signal.aborted) return;
        yield item;
      }
      last = items.at(-1)?.id ?? last;
      if (items.length >= PAGE_ROWS) continue;
      await followed.onCaughtUp?.();
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      if (error.exitCode === EXIT_CODES.notFound) {
        // The remembered id is too old to exist. It continues from the newest row.
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

/** Whether a retry may succeed: no server answered, too many requests, or a server error. */
function canPass({ exitCode, refusal }: CommandFailure): boolean {
  return exitCode === EXIT_CODES.unreachable || (refusal !== null && (refusal.status === 429 || refusal.status >= 500));
}

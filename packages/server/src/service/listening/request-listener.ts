import type { WebSocket } from "ws";
import type { Limits } from "../../limits.ts";
import { passes, type TailFilter } from "../../resources/stripe-cli/request-filter.ts";
import type { ListenSessionRow, RequestRow } from "../../store/contract/rows.ts";
import type { PageOf, Reads } from "../../store/contract/transaction.ts";
import { type Store, StoreUnavailable } from "../../store/store.ts";
import { readClientFrame, requestFrame } from "./frames.ts";

/** The most requests read at once. */
const PAGE = 100;

export interface RequestListenerParts {
  store: Pick<Store, "read">;
  limits: Limits;
  onTrouble(error: StoreUnavailable): void;
  onBug(error: unknown): void;
}

/** Sends a session the requests of its account, from when the session was first opened. */
export class RequestListener {
  readonly #parts: RequestListenerParts;
  readonly #owner: { callerId: string; livemode: boolean };
  readonly #filter: TailFilter | null;
  #socket: WebSocket | null = null;
  #following = false;
  #again = false;
  /** The last request that was read; null when there was no request, undefined before the first read. */
  #last: string | null | undefined;

  constructor(parts: RequestListenerParts, { accountId, livemode, filter }: Pick<ListenSessionRow, "accountId" | "livemode" | "filter">) {
    this.#parts = parts;
    this.#owner = { callerId: accountId, livemode };
    this.#filter = filter as TailFilter | null;
  }

  attach(socket: WebSocket): void {
    this.#socket = socket;
    this.wake();
  }

  detach(socket: WebSocket): void {
    if (this.#socket === socket) this.#socket = null;
  }

  close(): void {
    this.#socket = null;
  }

  /** Handles a frame. Returns false for one that no client sends. Requests are not acknowledged. */
  hear(text: string): boolean {
    return readClientFrame(text) !== null;
  }

  /** Other servers answer requests, too. */
  tick(): boolean {
    this.wake();
    return true;
  }

  /** Continues reading. */
  wake(): void {
    this.#again = true;
    if (!this.#following) void this.#follow().catch(this.#parts.onBug);
  }

  async #follow(): Promise<void> {
    this.#following = true;
    try {
      while (this.#again) {
        this.#again = false;
        while (await this.#next());
      }
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      this.#parts.onTrouble(error);
    } finally {
      this.#following = false;
    }
  }

  /** Reads one page. Returns whether there is more. */
  async #next(): Promise<boolean> {
    const { store, limits } = this.#parts;
    const last = this.#last;
    if (last === undefined) {
      const { rows } = await store.read((reads) => reads.requests(this.#owner, { limit: 1 }));
      this.#last = rows[0]?.id ?? null;
      return false;
    }
    const socket = this.#socket;
    if (socket === null || socket.readyState !== socket.OPEN || socket.bufferedAmount >= limits.listenBufferBytes) return false;
    const { rows, hasMore } = await store.read(async (reads) => {
      // The last request that was read may be too old to be kept. Then everything that is kept came after it.
      const known = last !== null && (await reads.request(last)) !== null;
      return known ? reads.requests(this.#owner, { limit: PAGE, endingBefore: last }) : this.#oldest(reads);
    });
    for (const row of rows.toReversed()) {
      this.#last = row.id;
      if (passes(row, this.#filter)) socket.send(requestFrame(row));
    }
    return hasMore;
  }

  /** The oldest requests that are kept: lists begin with the newest. Also returns whether there are newer ones. */
  async #oldest(reads: Pick<Reads, "requests">): Promise<PageOf<RequestRow>> {
    let page = await reads.requests(this.#owner, { limit: PAGE });
    const hasMore = page.hasMore;
    for (let last = page.rows.at(-1); page.hasMore && last !== undefined; last = page.rows.at(-1))
      page = await reads.requests(this.#owner, { limit: PAGE, startingAfter: last.id });
    return { rows: page.rows, hasMore };
  }
}

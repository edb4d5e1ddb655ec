import type { Pool, PoolClient } from "pg";
import type { StoreUnavailable } from "../../store.ts";
import { TurnsByOwner } from "../../turns-by-owner.ts";

interface Waiting {
  begin(): void;
  refuse(error: StoreUnavailable): void;
}

/** A client that needs a connection, and how long it waits for one, in milliseconds; 0 for as long as it takes. */
export interface ConnectionTurnsOptions {
  pool: Pool;
  /** How many connections the pool may open. */
  connections: number;
  waitMs: number;
  /** The error that is thrown when that time is over. */
  refusal(): StoreUnavailable;
}

/**
 * The connections of a pool. Clients that wait for one take turns, so that one with much work delays only itself. The
 * pool alone would serve them in the order in which they came.
 */
export class ConnectionTurns {
  readonly #options: ConnectionTurnsOptions;
  readonly #waiting = new TurnsByOwner<Waiting>();
  #used = 0;

  constructor(options: ConnectionTurnsOptions) {
    this.#options = options;
  }

  /**
   * Resolves with a connection, which must be returned. Rejects as the pool does, or when no connection was free in
   * time.
   */
  async take(client: string): Promise<PoolClient> {
    const { pool, connections } = this.#options;
    if (this.#used < connections) this.#used++;
    else await this.#turn(client);
    try {
      return await pool.connect();
    } catch (error) {
      this.#next();
      throw error;
    }
  }

  /** Takes back what `take` returned. `broken`: the connection is not used again. */
  giveBack(connection: PoolClient, broken = false): void {
    connection.release(broken);
    this.#next();
  }

  #next(): void {
    const next = this.#waiting.take();
    if (next === undefined) this.#used--;
    else next.begin();
  }

  /** Refuses all clients that wait. */
  refuse(error: StoreUnavailable): void {
    for (let next = this.#waiting.take(); next !== undefined; next = this.#waiting.take()) next.refuse(error);
  }

  #turn(client: string): Promise<void> {
    const { waitMs, refusal } = this.#options;
    return new Promise((resolve, reject) => {
      const end = (then: () => void) => () => {
        clearTimeout(timer);
        then();
      };
      const waiting: Waiting = { begin: end(resolve), refuse: (error) => end(() => reject(error))() };
      const timer = waitMs === 0 ? undefined : setTimeout(() => this.#giveUp(client, waiting, refusal()), waitMs);
      this.#waiting.add(client, waiting);
    });
  }

  #giveUp(client: string, waiting: Waiting, error: StoreUnavailable): void {
    this.#waiting.remove(client, waiting);
    waiting.refuse(error);
  }
}

import type { Socket } from "node:net";
import pg from "pg";

/**
 * A `pg` client that ends even if its database is silent: it destroys the socket after `endMs` without an answer.
 * Otherwise the end of the client, or of its pool, would wait as long as the silence lasts.
 */
export function clientThatEnds(endMs: number): typeof pg.Client {
  return class DatabaseClient extends pg.Client {
    override end(): Promise<void>;
    override end(callback: (error: Error) => void): void;
    override end(callback?: (error: Error) => void): Promise<void> | undefined {
      const stream = this.connection.stream as Socket;
      stream.setTimeout(endMs, () => stream.destroy());
      const ended = super.end();
      if (callback === undefined) return ended;
      ended.then(() => (callback as () => void)(), callback);
      return undefined;
    }
  };
}

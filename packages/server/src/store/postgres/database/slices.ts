import type { Pace } from "../../pace.ts";
import { TurnsByOwner } from "../../turns-by-owner.ts";

/**
 * How many slices of long reads run at once: each takes a connection, and most connections are for short reads and
 * writes.
 */
const AT_ONCE = 2;

/** Each is two round trips, and tens of milliseconds of the database's work at most. */
const ROWS = 10_000;

/** Runs the slices of long reads, a few at once. The accounts that they are for take turns. */
export class Slices implements Pace {
  readonly rows = ROWS;
  readonly #waiting = new TurnsByOwner<() => Promise<void>>();
  #running = 0;

  slice<T>(owner: string, work: () => T | Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add(owner, async () => {
        try {
          resolve(await work());
        } catch (error) {
          reject(error);
        }
      });
      this.#next();
    });
  }

  #next(): void {
    if (this.#running >= AT_ONCE) return;
    const run = this.#waiting.take();
    if (run === undefined) return;
    this.#running++;
    void run().then(() => {
      this.#running--;
      this.#next();
    });
  }
}

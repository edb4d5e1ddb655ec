/** The owner of work that no client asked for: the server itself. */
export const SERVER = "";

/** Work and its owner. */
export interface Owned<Work> {
  owner: string;
  work: Work;
}

/**
 * Waiting work. Its owners take turns, so that one with much work delays only itself. The work of one owner is taken in
 * the order in which it arrived.
 */
export class TurnsByOwner<Work> {
  /** The next turn is the first owner's. */
  readonly #waiting = new Map<string, Work[]>();
  #size = 0;

  /** How much work waits. */
  get size(): number {
    return this.#size;
  }

  get empty(): boolean {
    return this.#size === 0;
  }

  add(owner: string, work: Work): void {
    this.#size++;
    const waiting = this.#waiting.get(owner);
    if (waiting === undefined) this.#waiting.set(owner, [work]);
    else waiting.push(work);
  }

  /** Puts back work that was taken, in its old order, before all other work of its owners. */
  giveBack(taken: readonly Owned<Work>[]): void {
    this.#size += taken.length;
    const byOwner = Map.groupBy(taken, ({ owner }) => owner);
    for (const [owner, own] of byOwner) {
      const works = own.map(({ work }) => work);
      const waiting = this.#waiting.get(owner);
      if (waiting === undefined) this.#waiting.set(owner, works);
      else waiting.unshift(...works);
    }
  }

  /** Removes work that no longer waits. */
  remove(owner: string, work: Work): void {
    const waiting = this.#waiting.get(owner);
    const at = waiting?.indexOf(work) ?? -1;
    if (waiting === undefined || at < 0) return;
    this.#size--;
    waiting.splice(at, 1);
    if (waiting.length === 0) this.#waiting.delete(owner);
  }

  take(): Work | undefined {
    for (const [owner, waiting] of this.#waiting) {
      const work = waiting.shift();
      this.#size--;
      // A single owner has every turn.
      if (waiting.length > 0 && this.#waiting.size === 1) return work;
      this.#waiting.delete(owner);
      if (waiting.length > 0) this.#waiting.set(owner, waiting);
      return work;
    }
    return undefined;
  }
}

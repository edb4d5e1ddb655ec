/**
 * Waiting work. Its owners take turns, so that one with much work delays only itself. The work of one owner is taken in
 * the order in which it came.
 */
export class TurnsByOwner<Work> {
  /** The next turn is the first owner's. */
  readonly #waiting = new Map<string, Work[]>();

  get empty(): boolean {
    return this.#waiting.size === 0;
  }

  add(owner: string, work: Work): void {
    const waiting = this.#waiting.get(owner);
    if (waiting === undefined) this.#waiting.set(owner, [work]);
    else waiting.push(work);
  }

  take(): Work | undefined {
    for (const [owner, waiting] of this.#waiting) {
      const work = waiting.shift();
      this.#waiting.delete(owner);
      if (waiting.length > 0) this.#waiting.set(owner, waiting);
      return work;
    }
    return undefined;
  }
}

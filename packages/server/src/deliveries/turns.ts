/** A member of at most one queue at a time. */
export interface TurnTaker<Self> {
  inLine: boolean;
  before: Self | null;
  behind: Self | null;
}

/**
 * A queue: its first member has the next turn. Joining, leaving from anywhere and taking the first cost the same at any
 * length.
 */
export class Turns<Taker extends TurnTaker<Taker>> {
  #first: Taker | null = null;
  #last: Taker | null = null;

  get empty(): boolean {
    return this.#first === null;
  }

  get first(): Taker | null {
    return this.#first;
  }

  /** Goes to the end of the queue. */
  join(taker: Taker): void {
    taker.inLine = true;
    taker.before = this.#last;
    taker.behind = null;
    if (this.#last === null) this.#first = taker;
    else this.#last.behind = taker;
    this.#last = taker;
  }

  leave(taker: Taker): void {
    const { before, behind } = taker;
    if (before === null) this.#first = behind;
    else before.behind = behind;
    if (behind === null) this.#last = before;
    else behind.before = before;
    taker.inLine = false;
    taker.before = null;
    taker.behind = null;
  }

  /** Removes and returns the first member; undefined when the queue is empty. */
  shift(): Taker | undefined {
    const first = this.#first ?? undefined;
    if (first !== undefined) this.leave(first);
    return first;
  }
}

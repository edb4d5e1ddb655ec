/** The slices that a read may take without a pace. */
const FEW = 3;

/** How many rows such a slice examines. That takes about a millisecond. */
export const FEW_ROWS = 1_000;

/**
 * How a read that may examine many rows shares the database with other work. Transactions have no pace: what they read
 * must not change before they end.
 */
export interface Pace {
  /** The most rows that a slice examines. */
  readonly rows: number;
  /** Runs the next slice, which examines few rows, for an account. Throws what `work` throws, and `ManyRows`. */
  slice<T>(owner: string, work: () => T | Promise<T>): T | Promise<T>;
}

/** A read examines more rows than others should wait for. It has changed nothing, and runs again in slices. */
export class ManyRows extends Error {
  override readonly name = "ManyRows";

  constructor() {
    super("This read looks at many rows.");
  }
}

/** Allows a few slices at once, then throws `ManyRows`. */
export class FewSlices implements Pace {
  readonly rows = FEW_ROWS;
  #left = FEW;

  slice<T>(_owner: string, work: () => T | Promise<T>): T | Promise<T> {
    if (this.#left === 0) throw new ManyRows();
    this.#left--;
    return work();
  }
}

/** Slices that a read may take at once. */
const FEW = 3;

/** Rows that a slice of them looks at: it takes about a millisecond. */
export const FEW_ROWS = 1_000;

/**
 * How a read that may look at many rows shares the database with other work. Transactions have none: what they read
 * must not change before they end.
 */
export interface Pace {
  /** Rows that a slice looks at, at most. */
  readonly rows: number;
  /** Runs the next slice, which looks at few rows, for an account. Throws what `work` throws, and `ManyRows`. */
  slice<T>(owner: string, work: () => T | Promise<T>): T | Promise<T>;
}

/** A read looks at more rows than others should wait for. It has changed nothing, and runs again in slices. */
export class ManyRows extends Error {
  override readonly name = "ManyRows";

  constructor() {
    super("This read looks at many rows.");
  }
}

/** A few slices at once, then `ManyRows`. */
export class FewSlices implements Pace {
  readonly rows = FEW_ROWS;
  #left = FEW;

  slice<T>(_owner: string, work: () => T | Promise<T>): T | Promise<T> {
    if (this.#left === 0) throw new ManyRows();
    this.#left--;
    return work();
  }
}

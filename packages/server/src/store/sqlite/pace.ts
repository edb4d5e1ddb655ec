/** Slices that a read may take within its group of work. */
const SLICES_IN_A_GROUP = 3;

/** How a read that may look at many rows shares the database with other work. */
export interface Pace {
  /** Runs the next slice, which looks at few rows, for an account. Throws what `work` throws, and `ManyRows`. */
  slice<T>(owner: string, work: () => T): T | Promise<T>;
}

/** A read looks at more rows than others should wait for. It has changed nothing, and runs again between groups. */
export class ManyRows extends Error {
  override readonly name = "ManyRows";

  constructor() {
    super("This read looks at many rows.");
  }
}

/** All slices at once, for transactions: what they read must not change before they end. */
export const AT_ONCE: Pace = { slice: (_, work) => work() };

/** A few slices at once, then `ManyRows`. */
export class FewSlices implements Pace {
  #left = SLICES_IN_A_GROUP;

  slice<T>(_owner: string, work: () => T): T {
    if (this.#left === 0) throw new ManyRows();
    this.#left--;
    return work();
  }
}

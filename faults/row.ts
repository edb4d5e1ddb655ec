import type { Running } from "../scripts/postgres-for-tests.ts";

/** How much of a row is run: all of it, or enough to see it hold in seconds. */
export type Scale = "full" | "quick";

export interface RowContext {
  scale: Scale;
  /** The server of the PostgreSQL rows; it is the run's own, and may be stopped and killed. */
  postgres: Running;
  /** Tells a person how far it is. */
  progress(text: string): void;
}

/** What a row found out. */
export interface RowResult {
  /** What must not be, in words; empty when the row holds. */
  breaches: string[];
  figures: Record<string, number | string>;
}

/** A fault, and what must hold under it. */
export interface Row {
  /** Its number in the plan of faults. */
  number: number;
  name: string;
  run(context: RowContext): Promise<RowResult>;
}

/** What a run of a row found out. One that breaks off does not hold, and says where: the rows after it still run. */
export async function resultOf(run: () => Promise<RowResult>): Promise<RowResult> {
  try {
    return await run();
  } catch (error) {
    return { breaches: [`it broke off: ${error instanceof Error ? error.stack : String(error)}`], figures: {} };
  }
}

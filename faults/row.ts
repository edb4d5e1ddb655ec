import type { Running } from "../scripts/postgres-for-tests.ts";

/** How much of a row runs: all of it, or enough to see within seconds that it holds. */
export type Scale = "full" | "quick";

export interface RowContext {
  scale: Scale;
  /** The server of the PostgreSQL rows. It belongs to this run, and may be stopped and killed. */
  postgres: Running;
  /** Reports the progress to a person. */
  progress(text: string): void;
}

/** The result of a row. */
export interface RowResult {
  /** The violations, in words; empty when the row holds. */
  breaches: string[];
  figures: Record<string, number | string>;
}

/** A fault, and what must hold while it happens. */
export interface Row {
  /** Its number in the list of faults. */
  number: number;
  name: string;
  run(context: RowContext): Promise<RowResult>;
}

/**
 * The result of running a row. A row that throws does not hold, and the result says where. The rows after it still run.
 */
export async function resultOf(run: () => Promise<RowResult>): Promise<RowResult> {
  try {
    return await run();
  } catch (error) {
    return { breaches: [`it broke off: ${error instanceof Error ? error.stack : String(error)}`], figures: {} };
  }
}

import type { DeliveryState, JsonObject, ObjectRow } from "../../store/contract/rows.ts";

/** The `object` of a resend job. */
export const RESEND_JOB = "resend_job";

/** The kind of task that does a job's next step; its subject is the job's id. */
export const RESEND_TASK = "resend_step";

/** Which deliveries a job resends, by their state. `undelivered` means both states that were given up. */
export const RESEND_STATES = {
  undelivered: ["exhausted", "cancelled"],
  exhausted: ["exhausted"],
  cancelled: ["cancelled"],
  succeeded: ["succeeded"],
} as const satisfies Record<string, readonly DeliveryState[]>;

export type ResendState = keyof typeof RESEND_STATES;

/** What a job has done for one endpoint. */
export interface ResendCounts {
  /** Deliveries that were made; in a dry run, deliveries that would be made. */
  resent: number;
  /** Matching ones that cannot be sent: the endpoint is disabled, or may no longer receive the event. */
  skipped: number;
}

/** The state of a job, as its row keeps it. Times are Unix milliseconds. */
export interface ResendJob {
  status: "running" | "paused" | "succeeded" | "canceled";
  dryRun: boolean;
  /** Whether each delivery is tried only once. Otherwise it is retried by the policy. */
  once: boolean;
  /** The most deliveries a second. */
  rate: number;
  filter: { state: ResendState; since: number; until: number; endpoint: string | null; account: string | null; type: string | null };
  /** Where the walk continues, and the last delivery that it examines; null before the first step. */
  after: string | null;
  upTo: string | null;
  /**
   * When the first matching delivery was made, and when the last examined one was made. Jobs of earlier versions lack
   * the first.
   */
  first?: number | null;
  reached: number | null;
  looked: number;
  endpoints: Record<string, ResendCounts>;
  /** When it ended; null until then. */
  ended: number | null;
}

export function jobOf({ data }: ObjectRow): ResendJob {
  return data as unknown as ResendJob;
}

/** The row with another state of the job. */
export function withJob(row: ObjectRow, job: ResendJob): ObjectRow {
  return { ...row, data: job as unknown as JsonObject };
}

/** The total of deliveries that were resent, and of those that could not be. */
export function totals({ endpoints }: ResendJob): ResendCounts {
  const counts = Object.values(endpoints);
  return {
    resent: counts.reduce((sum, { resent }) => sum + resent, 0),
    skipped: counts.reduce((sum, { skipped }) => sum + skipped, 0),
  };
}

/** The progress of a job that has not ended is below 1, even if all remaining deliveries were made at the same time. */
const ALMOST = 0.999;

/**
 * How much of its period a job has walked through, from 0 to 1. It counts from when the first delivery was made,
 * because there was nothing to do before that.
 */
export function progressOf({ status, filter: { since, until }, first, reached }: ResendJob): number {
  if (status === "succeeded") return 1;
  const from = Math.max(since, first ?? since);
  if (reached === null || until <= from) return 0;
  return Math.min(ALMOST, Math.max(0, Math.round(((reached - from) / (until - from)) * 1_000) / 1_000));
}

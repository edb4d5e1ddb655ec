import type { DeliveryState, JsonObject, ObjectRow } from "../../store/contract/rows.ts";

/** The `object` of a resend job. */
export const RESEND_JOB = "resend_job";

/** The kind of task that does a job's next step; its subject is the job's id. */
export const RESEND_TASK = "resend_step";

/** Which deliveries a job sends again, by their state. `undelivered`: both that are given up. */
export const RESEND_STATES = {
  undelivered: ["exhausted", "cancelled"],
  exhausted: ["exhausted"],
  cancelled: ["cancelled"],
  succeeded: ["succeeded"],
} as const satisfies Record<string, readonly DeliveryState[]>;

export type ResendState = keyof typeof RESEND_STATES;

/** What a job has done for one endpoint. */
export interface ResendCounts {
  /** Deliveries that were made; in a dry run, that would be. */
  resent: number;
  /** Matching ones that cannot be sent: the endpoint is disabled, or may no longer receive the event. */
  skipped: number;
}

/** The state of a job, as its row keeps it. Times are Unix milliseconds. */
export interface ResendJob {
  status: "running" | "paused" | "succeeded" | "canceled";
  dryRun: boolean;
  /** Whether each is tried only once. Otherwise it is retried as the policy says. */
  once: boolean;
  /** Deliveries a second, at most. */
  rate: number;
  filter: { state: ResendState; since: number; until: number; endpoint: string | null; account: string | null; type: string | null };
  /** Where the walk goes on, and the last delivery it looks at; null before the first step. */
  after: string | null;
  upTo: string | null;
  /**
   * When the first matching delivery was made, and when the last that was looked at. Jobs of earlier versions lack the
   * first.
   */
  first?: number | null;
  reached: number | null;
  looked: number;
  endpoints: Record<string, ResendCounts>;
  /** When it ended; null before. */
  ended: number | null;
}

export function jobOf({ data }: ObjectRow): ResendJob {
  return data as unknown as ResendJob;
}

/** The row with another state of the job. */
export function withJob(row: ObjectRow, job: ResendJob): ObjectRow {
  return { ...row, data: job as unknown as JsonObject };
}

/** What has been sent again, and what could not be, in all. */
export function totals({ endpoints }: ResendJob): ResendCounts {
  const counts = Object.values(endpoints);
  return {
    resent: counts.reduce((sum, { resent }) => sum + resent, 0),
    skipped: counts.reduce((sum, { skipped }) => sum + skipped, 0),
  };
}

/** The progress of a job that has not ended is below 1, even if all that is left was made at the same time. */
const ALMOST = 0.999;

/**
 * How much of its time a job has walked through, from 0 to 1: from when its first delivery was made, because nothing
 * was left to do before.
 */
export function progressOf({ status, filter: { since, until }, first, reached }: ResendJob): number {
  if (status === "succeeded") return 1;
  const from = Math.max(since, first ?? since);
  if (reached === null || until <= from) return 0;
  return Math.min(ALMOST, Math.max(0, Math.round(((reached - from) / (until - from)) * 1_000) / 1_000));
}

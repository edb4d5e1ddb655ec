import type { CarabinerOptions } from "./carabiner-options.ts";
import type { Clock } from "./clock/clock.ts";
import type { Ending } from "./ending.ts";
import { startMetricsServer } from "./http/metrics-server.ts";
import type { Limits } from "./limits.ts";
import { jobOf, progressOf, RESEND_JOB, RESEND_TASK, totals } from "./resources/events/resend-job.ts";
import type { Gauged, Metrics } from "./service/metrics.ts";
import type { Reads } from "./store/contract/transaction.ts";
import { type Store, StoreUnavailable } from "./store/store.ts";

/** The parts that serving metrics needs. */
export interface MetricsParts {
  store: Store;
  clock: Clock;
  limits: Limits;
  ending: Ending;
  mark: string;
  address: CarabinerOptions["metrics"];
}

/**
 * Serves metrics: the counts, and the work that is pending at that moment. Rejects when it cannot listen on the
 * address.
 */
export function serveMetrics(
  metrics: Metrics,
  { store, clock, limits, ending, mark, address = { port: 0 } }: MetricsParts,
): ReturnType<typeof startMetricsServer> {
  return startMetricsServer({
    host: address.host ?? "127.0.0.1",
    port: address.port,
    limits,
    mark,
    contentType: metrics.contentType,
    async text() {
      const now = clock.now();
      const gauged = await store
        .read(async (reads) => ({
          backlog: await reads.backlog(now, limits.metricsBacklogCounted),
          resending: await resendingNow(reads, limits),
        }))
        .catch(whenAway);
      return metrics.text(gauged, now);
    },
    onBug: ending.fail,
  });
}

/** What the running resend jobs have done. Each has a task for its next step. */
async function resendingNow(reads: Reads, { metricsResendJobs }: Limits): Promise<Gauged["resending"]> {
  const tasks = await reads.tasksOfKind(RESEND_TASK, metricsResendJobs);
  const rows = await Promise.all(tasks.map(({ subject }) => reads.object(subject)));
  const running = rows.flatMap((row) => (row?.object === RESEND_JOB && jobOf(row).status === "running" ? [jobOf(row)] : []));
  return {
    jobs: running.length,
    resent: running.reduce((sum, job) => sum + (job.dryRun ? 0 : totals(job).resent), 0),
    progress: Math.min(1, ...running.map(progressOf)),
  };
}

/** Returns null when the store is unavailable. */
function whenAway(error: unknown): null {
  if (error instanceof StoreUnavailable) return null;
  throw error;
}

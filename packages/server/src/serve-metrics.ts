import type { CarabinerOptions } from "./carabiner-options.ts";
import type { Clock } from "./clock/clock.ts";
import type { Ending } from "./ending.ts";
import { startMetricsServer } from "./http/metrics-server.ts";
import type { Limits } from "./limits.ts";
import type { Metrics } from "./service/metrics.ts";
import { type Store, StoreUnavailable } from "./store/store.ts";

/** The parts that serving metrics needs. */
export interface MetricsParts {
  store: Store;
  clock: Clock;
  limits: Limits;
  ending: Ending;
  address: CarabinerOptions["metrics"];
}

/** Serves metrics: the counts, and the pending work at that moment. Rejects when it cannot listen on the address. */
export function serveMetrics(
  metrics: Metrics,
  { store, clock, limits, ending, address = { port: 0 } }: MetricsParts,
): ReturnType<typeof startMetricsServer> {
  return startMetricsServer({
    host: address.host ?? "127.0.0.1",
    port: address.port,
    limits,
    contentType: metrics.contentType,
    async text() {
      const now = clock.now();
      const backlog = await store.read((reads) => reads.backlog(now, limits.metricsBacklogCounted)).catch(whenAway);
      return metrics.text(backlog, now);
    },
    onBug: ending.fail,
  });
}

/** Returns null when the store is unavailable. */
function whenAway(error: unknown): null {
  if (error instanceof StoreUnavailable) return null;
  throw error;
}

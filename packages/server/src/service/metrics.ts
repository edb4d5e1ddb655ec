import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { packageVersion } from "../operations/package-version.ts";
import type { Backlog } from "../store/contract/backlog.ts";
import type { Settlement } from "../store/contract/delivery-store.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";
import { COUNTERS, GAUGES, HISTOGRAMS, type MetricDefinition } from "./metric-definitions.ts";

/** What the store says at one moment: see the gauges. */
export interface Gauged {
  backlog: Backlog;
  /** Of the running resend jobs. */
  resending: { jobs: number; resent: number; progress: number };
}

/** What a server counts, for Prometheus. Names and labels follow https://prometheus.io/docs/practices/naming/ */
export interface Metrics {
  /** The same store, which also counts what it settles and commits. */
  measured(store: Store): Store;
  answered(request: { method: string; route: string | null; status: number; durationMs: number }): void;
  /**
   * The metrics as text. `gauged` is what the store reports at `now`, in Unix milliseconds; null when it cannot. Then
   * the gauges keep their last values.
   */
  text(gauged: Gauged | null, now: number): Promise<string>;
  contentType: string;
}

/** Makes the metrics of one server in a separate registry, so that several servers in one process stay apart. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counters = made(COUNTERS, (definition) => new Counter(configured(definition, registry)));
  const histograms = made(HISTOGRAMS, (definition) => new Histogram(configured(definition, registry)));
  const gauges = made(GAUGES, (definition) => new Gauge(configured(definition, registry)));
  // The series that alerts watch exist from the start: an alert would not notice an increase from nothing to one.
  for (const state of ["succeeded", "exhausted", "cancelled"]) counters.deliveries.inc({ state }, 0);
  for (const result of ["committed", "rolled_back", "unavailable"]) counters.transactions.inc({ result }, 0);

  function settled(settlements: readonly Settlement[], refused: ReadonlySet<string>): void {
    if (refused.size > 0) counters.leasesLost.inc(refused.size);
    for (const { deliveryId, attempt, next, firstAttemptAfterMs } of settlements) {
      if (refused.has(deliveryId)) continue;
      if (next.state !== "pending") counters.deliveries.inc({ state: next.state });
      if (attempt === null) continue;
      counters.attempts.inc({ outcome: attempt.outcome });
      if (attempt.outcome === "address_blocked") counters.blocked.inc();
      histograms.attemptSeconds.observe(attempt.durationMs / 1_000);
      if (firstAttemptAfterMs !== undefined) histograms.firstAttemptSeconds.observe(firstAttemptAfterMs / 1_000);
    }
  }

  async function counted<T>(transaction: () => Promise<T>): Promise<T> {
    const ended = histograms.transactionSeconds.startTimer();
    try {
      const value = await transaction();
      counters.transactions.inc({ result: "committed" });
      return value;
    } catch (error) {
      counters.transactions.inc({ result: error instanceof StoreUnavailable ? "unavailable" : "rolled_back" });
      throw error;
    } finally {
      ended();
    }
  }

  return {
    measured: (store) => ({
      ...store,
      transaction: (work, client) => counted(() => store.transaction(work, client)),
      async settle(batch, checks) {
        const result = await counted(() => store.settle(batch, checks));
        settled(batch, new Set(result.refused));
        return result;
      },
    }),
    answered({ method, route, status, durationMs: ms }) {
      counters.requests.inc({ method, route: route ?? "unmatched", status });
      histograms.requestSeconds.observe({ method }, ms / 1_000);
    },
    async text(gauged, now) {
      gauges.build.set({ version: packageVersion() }, 1);
      gauges.storeUp.set(gauged === null ? 0 : 1);
      if (gauged !== null) {
        const { backlog, resending } = gauged;
        gauges.due.set(backlog.due);
        gauges.pending.set(backlog.pending);
        gauges.oldestDue.set(secondsSince(backlog.oldestDueAt, now));
        gauges.oldestWorkingDue.set(secondsSince(backlog.oldestWorkingDueAt, now));
        gauges.oldestTask.set(secondsSince(backlog.oldestTaskDueAt, now));
        gauges.endpoints.set({ state: "failing" }, backlog.failingEndpoints);
        gauges.endpoints.set({ state: "disabled" }, backlog.disabledEndpoints);
        gauges.resendJobs.set(resending.jobs);
        gauges.resent.set(resending.resent);
        gauges.resendProgress.set(resending.progress);
      }
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}

/** 0 for a time that is null or in the future. */
function secondsSince(at: number | null, now: number): number {
  return at === null ? 0 : Math.max(0, now - at) / 1_000;
}

function configured({ name, help, labels = [], buckets }: MetricDefinition, registry: Registry) {
  // Documents show the help too, and there it may contain a link.
  const plain = help.replaceAll(/\[([^\][]+)\]\([^()]+\)/g, "$1").replaceAll("`", "");
  return { name, help: plain, labelNames: [...labels], ...(buckets === undefined ? {} : { buckets: [...buckets] }), registers: [registry] };
}

function made<Name extends string, Made>(
  definitions: Readonly<Record<Name, MetricDefinition>>,
  make: (definition: MetricDefinition) => Made,
): Record<Name, Made> {
  return Object.fromEntries(Object.entries<MetricDefinition>(definitions).map(([name, definition]) => [name, make(definition)])) as Record<
    Name,
    Made
  >;
}

/** A metric's definition. Its name ends in its unit. A label has few values, and clients and tenants cannot add any. */
export interface MetricDefinition {
  name: `carabiner_${string}`;
  help: string;
  labels?: readonly string[];
  /** Upper bounds, in the unit of the name; only for histograms. */
  buckets?: readonly number[];
}

/** Upper bounds of an attempt's or a request's duration: up to an attempt's deadline. */
const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30];

/** Upper bounds of the wait for a first attempt: from none to hours when the sender was stopped. */
const WAITS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 60, 300, 3_600, 86_400];

/**
 * Upper bounds of a transaction's duration: from a transaction that shares a sync to one that waits for a silent store.
 */
const TRANSACTIONS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

export const COUNTERS = {
  attempts: { name: "carabiner_attempts_total", help: "Attempts that ended, by [outcome](outcomes.md).", labels: ["outcome"] },
  blocked: {
    name: "carabiner_egress_blocked_total",
    help: "Attempts that were not made, because nothing is sent to that address or port.",
  },
  deliveries: {
    name: "carabiner_deliveries_total",
    help: "Deliveries that ended: `succeeded`, `exhausted` or `cancelled`.",
    labels: ["state"],
  },
  leasesLost: {
    name: "carabiner_leases_lost_total",
    help: "Outcomes that were refused, because the lease of the delivery had ended or was another node's.",
  },
  transactions: {
    name: "carabiner_store_transactions_total",
    help: "Transactions that write: `committed`, `rolled_back` or `unavailable`.",
    labels: ["result"],
  },
  requests: {
    name: "carabiner_http_requests_total",
    help: "Requests that were answered, by route. Those that met none have the route `unmatched`; probes do not count.",
    labels: ["method", "route", "status"],
  },
} as const satisfies Record<string, MetricDefinition>;

export const HISTOGRAMS = {
  attemptSeconds: {
    name: "carabiner_attempt_duration_seconds",
    help: "How long attempts took, from their start to the end of the answer.",
    buckets: DURATIONS,
  },
  firstAttemptSeconds: {
    name: "carabiner_first_attempt_delay_seconds",
    help: "From the recording of an event to the first attempt of each of its deliveries.",
    buckets: WAITS,
  },
  transactionSeconds: {
    name: "carabiner_store_transaction_duration_seconds",
    help: "How long transactions that write took, with their wait and their commit.",
    buckets: TRANSACTIONS,
  },
  requestSeconds: {
    name: "carabiner_http_request_duration_seconds",
    help: "From the first byte of a request to the last of its answer.",
    labels: ["method"],
    buckets: DURATIONS,
  },
} as const satisfies Record<string, MetricDefinition>;

/** Read each time that metrics are requested. */
export const GAUGES = {
  build: { name: "carabiner_build_info", help: "1, with the version that runs.", labels: ["version"] },
  storeUp: { name: "carabiner_store_up", help: "1 when the store answered this time, else 0." },
  pending: {
    name: "carabiner_deliveries_pending",
    help: "Deliveries that have not ended: due, under way, to be tried again later, or held for a paused endpoint. Counted up to `metricsBacklogCounted`.",
  },
  due: { name: "carabiner_deliveries_due", help: "Deliveries that are due and not being sent, up to `metricsBacklogCounted`." },
  oldestDue: {
    name: "carabiner_oldest_due_age_seconds",
    help: "How long the delivery that has waited longest has been due; 0 when none is.",
  },
  oldestWorkingDue: {
    name: "carabiner_oldest_due_age_working_seconds",
    help: "How long the delivery that has waited longest has been due, of those to endpoints whose last attempt did not fail; 0 when none is. A failing endpoint delays only its own deliveries. So does an endpoint with its own rate limit, while deliveries are sent to it.",
  },
  oldestTask: {
    name: "carabiner_oldest_due_task_age_seconds",
    help: "How long the scheduled task that has waited longest has been due, such as a payout's arrival; 0 when none is.",
  },
  endpoints: {
    name: "carabiner_endpoints_in_trouble",
    help: "Endpoints that are enabled and fail (`failing`), and endpoints that are disabled (`disabled`).",
    labels: ["state"],
  },
  resendJobs: {
    name: "carabiner_resend_jobs_running",
    help: "Jobs that [send again](undelivered.md) and run, up to `metricsResendJobs`; paused ones do not count.",
  },
  resent: { name: "carabiner_resend_jobs_deliveries", help: "Deliveries that the running jobs have made." },
  resendProgress: {
    name: "carabiner_resend_jobs_progress_ratio",
    help: "How much of its time the running job that is least advanced has walked through; 1 when none runs.",
  },
} as const satisfies Record<string, MetricDefinition>;

import type { DeliveryRow, TaskRow } from "./rows.ts";

/** Whose newest deliveries are read. */
export type OutcomesOf =
  | { endpointId: string }
  /**
   * Those to an owner's endpoints, of the newest events on an account. Looks at `limit` events in each mode, at most.
   */
  | { eventAccountId: string; owner: { accountId: string; livemode: boolean } };

/** One delivery, as figures need it. Times are Unix milliseconds. */
export interface RecentOutcome {
  created: number;
  state: "pending" | "succeeded" | "exhausted" | "cancelled" | "quarantined";
  /** Its last attempt; null if there was none. */
  last: { at: number; durationMs: number; succeeded: boolean } | null;
}

/** What waits for an endpoint. */
export interface WaitingDeliveries {
  /** Pending deliveries, counted up to a bound. */
  pending: number;
  /** When the next one is tried, Unix milliseconds; null if none is pending. One under way counts from its due time. */
  nextAttemptAt: number | null;
}

/** Which of the planned tasks are read. */
export interface UpcomingTasksFilter {
  platformId: string;
  livemode: boolean;
  /** Kinds that are left out. */
  except: readonly string[];
}

/** Which of the newest deliveries are counted. */
export interface ThroughputFilter {
  /** Those to the endpoints of an account, in one mode; null for all. */
  owner: { accountId: string; livemode: boolean } | null;
  /** Made at this time or later, Unix milliseconds. */
  since: number;
}

/** What became of the newest deliveries. */
export interface Throughput {
  deliveries: number;
  succeeded: number;
  /** When the oldest of them was made, Unix milliseconds; null when there is none. */
  oldestAt: number | null;
}

/** What was given up and not received since. */
export interface GivenUp {
  endpoints: { endpointId: string; count: number }[];
  more: boolean;
}

/** Reads for somebody who looks at how an endpoint does, and at what comes next. */
export interface FigureReads {
  /** The newest deliveries of one kind, at most `limit`, newest first, each with how its last attempt ended. */
  recentOutcomes(of: OutcomesOf, limit: number): Promise<RecentOutcome[]>;
  /** What waits for an endpoint, counted up to `countUpTo`. */
  endpointQueue(endpointId: string, countUpTo: number): Promise<WaitingDeliveries>;
  /**
   * Among an owner's newest deliveries that were given up, at most `limit`, those whose events their endpoints have not
   * got since: how many of each endpoint, and whether there are older ones.
   */
  givenUp(owner: { accountId: string; livemode: boolean }, limit: number): Promise<GivenUp>;
  /** Counts the newest deliveries, at most `limit`. */
  throughput(filter: ThroughputFilter, limit: number): Promise<Throughput>;
  /** Pending deliveries to these endpoints, at most `limit`, the next to be tried first. */
  upcomingDeliveries(endpointIds: readonly string[], limit: number): Promise<DeliveryRow[]>;
  /** What is planned for a platform and the accounts that its key may act for, at most `limit`, the earliest first. */
  upcomingTasks(filter: UpcomingTasksFilter, limit: number): Promise<TaskRow[]>;
}

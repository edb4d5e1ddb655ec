import type { DeliveryRow, TaskRow } from "./rows.ts";

/** Selects the newest deliveries of one owner. */
export type OutcomesOf =
  | { endpointId: string }
  /**
   * Deliveries to an owner's endpoints, of the newest events on an account. Examines at most `limit` events in each
   * mode.
   */
  | { eventAccountId: string; owner: { accountId: string; livemode: boolean } };

/** One delivery, with the data that figures need. Times are Unix milliseconds. */
export interface RecentOutcome {
  created: number;
  state: "pending" | "succeeded" | "exhausted" | "cancelled" | "quarantined";
  /** Its last attempt; null if there was no attempt. */
  last: { at: number; durationMs: number; succeeded: boolean } | null;
}

/** What waits for an endpoint. */
export interface WaitingDeliveries {
  /** Pending deliveries, counted up to a bound. */
  pending: number;
  /**
   * When the next one is tried, Unix milliseconds; null if none is pending. A delivery under way counts from its due
   * time.
   */
  nextAttemptAt: number | null;
}

/** Selects planned tasks. */
export interface UpcomingTasksFilter {
  platformId: string;
  livemode: boolean;
  /** Kinds that are left out. */
  except: readonly string[];
}

/** Selects the newest deliveries to count. */
export interface ThroughputFilter {
  /** Deliveries to the endpoints of an account, in one mode; null for all. */
  owner: { accountId: string; livemode: boolean } | null;
  /** Made at this time or later, Unix milliseconds. */
  since: number;
}

/** What happened to the newest deliveries. */
export interface Throughput {
  deliveries: number;
  succeeded: number;
  /** When the oldest of them was made, Unix milliseconds; null when there are no deliveries. */
  oldestAt: number | null;
}

/** Deliveries that were given up and not received since. */
export interface GivenUp {
  endpoints: { endpointId: string; count: number }[];
  more: boolean;
}

/** Reads for a person who checks how an endpoint is doing, and what comes next. */
export interface FigureReads {
  /** The newest deliveries of one kind, at most `limit`, newest first, each with how its last attempt ended. */
  recentOutcomes(of: OutcomesOf, limit: number): Promise<RecentOutcome[]>;
  /** What waits for an endpoint, counted up to `countUpTo`. */
  endpointQueue(endpointId: string, countUpTo: number): Promise<WaitingDeliveries>;
  /**
   * Examines an owner's newest deliveries that were given up, at most `limit`. Returns how many of them each endpoint
   * has not received since, and whether there are older ones.
   */
  givenUp(owner: { accountId: string; livemode: boolean }, limit: number): Promise<GivenUp>;
  /** Counts the newest deliveries, at most `limit`. */
  throughput(filter: ThroughputFilter, limit: number): Promise<Throughput>;
  /** Pending deliveries to these endpoints, at most `limit`, the next ones to be tried first. */
  upcomingDeliveries(endpointIds: readonly string[], limit: number): Promise<DeliveryRow[]>;
  /** What is planned for a platform and the accounts that its key may act for, at most `limit`, the earliest first. */
  upcomingTasks(filter: UpcomingTasksFilter, limit: number): Promise<TaskRow[]>;
}

import type { Claim, OwnedEndpoint } from "../contract/delivery-store.ts";
import type { SqlRow, SqlValue } from "./connection.ts";

/** The largest numbers given so far. One that was given for work that failed is never given again. */
export interface LastNumbers {
  /** Of lanes; see `lanes.ts`. */
  turn: number;
  /** Keys of rows. */
  event: number;
  delivery: number;
}

/**
 * What one piece of work may do within the group it commits with. The first `run` of a group begins its transaction:
 * work that only looks costs no commit.
 */
export interface WorkScope {
  get(sql: string, ...values: SqlValue[]): SqlRow | undefined;
  all(sql: string, ...values: SqlValue[]): SqlRow[];
  /** As `all`, of the tables in `known-rows.ts`. The rows are shared: they are read, never changed. */
  allKnown(sql: string, ...values: SqlValue[]): readonly SqlRow[];
  /** Returns how many rows it changed. */
  run(sql: string, ...values: SqlValue[]): number;
  /** A number larger than any before. */
  next(kind: keyof LastNumbers): number;
  /** Asks the hot lane for room. Given back should the work or the commit fail. */
  reserve(endpoint: OwnedEndpoint, now: number, bytes: number): { leaseUntil: number } | null;
  /** Hands a claim with reserved room to the hot lane, after the commit. */
  handOver(claim: Claim): void;
  /** Tells the hot lane, after the commit, that something is due at this time. */
  due(at: number): void;
  /** Tells the hot lane, after the commit, that an endpoint has changed. */
  endpointChanged(endpointId: string): void;
  /** Tells whoever has the sockets of listeners, after the commit, that this one is owed something. */
  owedToListener(endpointId: string): void;
  /** Tells the task runner, after the commit, that a task is due at this time. */
  taskDue(at: number): void;
}

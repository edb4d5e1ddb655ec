import type { Claim, OwnedEndpoint } from "../../contract/delivery-store.ts";
import type { IdentityQuestion, SqlRow, SqlValue } from "./connection.ts";

/** The largest numbers used so far. Numbers of failed work are never reused. */
export interface LastNumbers {
  /** The largest turn of a lane; see `lanes.ts`. */
  turn: number;
  /** The largest keys of rows. */
  event: number;
  delivery: number;
  /** Not a row's number: the largest time of an event. */
  eventTime: number;
}

/**
 * What one piece of work may do within its commit group. The first `run` of a group begins its transaction, so work
 * that only reads does not cost a commit.
 */
export interface WorkScope {
  get(sql: string, ...values: SqlValue[]): SqlRow | undefined;
  all(sql: string, ...values: SqlValue[]): SqlRow[];
  /**
   * What `find` reads from only the question's tables (`known-rows.ts`), or what it found before for the same question
   * and key. The value is shared and frozen.
   */
  known<Value>(question: IdentityQuestion, key: string, find: () => Value): Value;
  /** The same for what `find` reads from `lanes` alone. */
  knownLane<Value>(endpointId: string, find: () => Value): Value;
  /** Returns how many rows it changed. */
  run(sql: string, ...values: SqlValue[]): number;
  /** A number larger than any before. */
  next(kind: Exclude<keyof LastNumbers, "eventTime">): number;
  /** The largest time of any event so far, including this one. */
  newestEvent(created: number): number;
  /** Reserves room in the hot lane. The room is released if the work or the commit fails. */
  reserve(endpoint: OwnedEndpoint, now: number, bytes: number): { leaseUntil: number } | null;
  /** Hands a claim with reserved room to the hot lane, after the commit. */
  handOver(claim: Claim): void;
  /** Reports to the hot lane, after the commit, that a delivery is due at this time. */
  due(at: number): void;
  /** Reports to the hot lane, after the commit, that an endpoint has changed. */
  endpointChanged(endpointId: string): void;
  /** Reports, after the commit, that this listener has deliveries. */
  owedToListener(endpointId: string): void;
  /** Reports to the task runner, after the commit, that a task is due at this time. */
  taskDue(at: number): void;
}

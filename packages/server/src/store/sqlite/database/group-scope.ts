import type { Claim, HotLane, OwnedEndpoint } from "../../contract/delivery-store.ts";
import { StoreUnavailable } from "../../store.ts";
import type { IdentityQuestion, SqliteConnection, SqlRow, SqlValue } from "./connection.ts";
import type { LastNumbers, WorkScope } from "./scope.ts";

/** What one piece of work may do within its commit group, and what it did. */
export class GroupScope implements WorkScope {
  readonly claims: Claim[] = [];
  earliest = Number.POSITIVE_INFINITY;
  earliestTask = Number.POSITIVE_INFINITY;
  readonly changedEndpoints: string[] = [];
  readonly owedListeners: string[] = [];
  /** Whether it ran a statement that may change something. */
  changed = false;
  /** How many rows it changed. */
  changedRows = 0;
  readonly #connection: SqliteConnection;
  readonly #savepoint: boolean;
  readonly #numbers: LastNumbers;
  readonly #lane: HotLane | null;
  #reserved: Map<string, { count: number; bytes: number }> | null = null;
  #ended = false;

  constructor(connection: SqliteConnection, savepoint: boolean, numbers: LastNumbers, lane: HotLane | null) {
    this.#connection = connection;
    this.#savepoint = savepoint;
    this.#numbers = numbers;
    this.#lane = lane;
  }

  get(sql: string, ...values: SqlValue[]): SqlRow | undefined {
    this.#check();
    return this.#connection.get(sql, values);
  }

  all(sql: string, ...values: SqlValue[]): SqlRow[] {
    this.#check();
    return this.#connection.all(sql, values);
  }

  known<Value>(question: IdentityQuestion, key: string, find: () => Value): Value {
    this.#check();
    return this.#connection.known(question, key, find);
  }

  knownLane<Value>(endpointId: string, find: () => Value): Value {
    this.#check();
    return this.#connection.knownLane(endpointId, find);
  }

  run(sql: string, ...values: SqlValue[]): number {
    this.#check();
    if (!this.changed) this.#begin();
    // It may have ended the transaction: then this change would stay although the work fails.
    else if (this.#connection.failure !== null) throw this.#connection.failure;
    const rows = this.#connection.run(sql, values);
    this.changedRows += rows;
    return rows;
  }

  next(kind: Exclude<keyof LastNumbers, "eventTime">): number {
    return ++this.#numbers[kind];
  }

  newestEvent(created: number): number {
    if (created > this.#numbers.eventTime) this.#numbers.eventTime = created;
    return this.#numbers.eventTime;
  }

  reserve(endpoint: OwnedEndpoint, now: number, bytes: number): { leaseUntil: number } | null {
    const lease = this.#lane?.reserve(endpoint, now, bytes) ?? null;
    if (lease !== null) {
      this.#reserved ??= new Map();
      const before = this.#reserved.get(endpoint.id) ?? { count: 0, bytes: 0 };
      this.#reserved.set(endpoint.id, { count: before.count + 1, bytes: before.bytes + bytes });
    }
    return lease;
  }

  handOver(claim: Claim): void {
    this.claims.push(claim);
  }

  due(at: number): void {
    this.earliest = Math.min(this.earliest, at);
  }

  endpointChanged(endpointId: string): void {
    this.changedEndpoints.push(endpointId);
  }

  owedToListener(endpointId: string): void {
    this.owedListeners.push(endpointId);
  }

  taskDue(at: number): void {
    this.earliestTask = Math.min(this.earliestTask, at);
  }

  /** The scope cannot be used after this. */
  end(): void {
    this.#ended = true;
  }

  /** The work is done: its changes become part of the group. */
  keep(): void {
    this.end();
    if (this.changed && this.#savepoint) this.#connection.run("RELEASE work");
  }

  /** Rolls the work's changes back. Returns the failure if that is not possible. */
  undo(): StoreUnavailable | null {
    if (!this.changed) return null;
    try {
      this.#connection.run("ROLLBACK TO work");
      this.#connection.run("RELEASE work");
      return null;
    } catch (error) {
      if (error instanceof StoreUnavailable) return error;
      throw error;
    }
  }

  /** Releases reserved room. */
  release(): void {
    if (this.#reserved !== null) for (const [endpointId, { count, bytes }] of this.#reserved) this.#lane?.release(endpointId, count, bytes);
    this.#reserved = null;
  }

  #begin(): void {
    if (!this.#connection.inTransaction) this.#connection.run("BEGIN IMMEDIATE");
    if (this.#savepoint) this.#connection.run("SAVEPOINT work");
    this.changed = true;
  }

  #check(): void {
    if (this.#ended) throw new Error("This transaction has ended: await everything it does inside its work.");
  }
}

import { type Claim, type HotLane, StoreUnavailable } from "../store.ts";
import type { Connection, SqlRow, SqlValue } from "./connection.ts";
import type { Scope } from "./scope.ts";

/** Work that shares one commit, at most: enough to spread the cost of a sync, few enough to keep the first one's wait short. */
const GROUP_SIZE = 256;

interface Queued {
  work(scope: Scope): unknown;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

/** Done, and waiting for the commit. */
interface Done {
  queued: Queued;
  value: unknown;
  scope: GroupScope;
}

/**
 * Runs work one after another, and everything that was asked for in one turn of the event loop in one transaction:
 * publishes and settlements that arrive together share one sync of the disk. Work that throws takes back its own
 * changes alone; when the database fails, the whole group does.
 */
export class GroupCommit {
  readonly #connection: Connection;
  readonly #turns: { last: number };
  #queue: Queued[] = [];
  #busy = false;
  #idleWaiters: (() => void)[] = [];
  #closed = false;
  #lane: HotLane | null = null;

  /** `turns.last`: the largest turn in the database. */
  constructor(connection: Connection, turns: { last: number }) {
    this.#connection = connection;
    this.#turns = turns;
  }

  attach(lane: HotLane | null): void {
    this.#lane = lane;
  }

  /** Resolves with what `work` returns once that is durable. Rejects with what it throws, or with `StoreUnavailable`. */
  run<T>(work: (scope: Scope) => T | Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreUnavailable("The store is closed."));
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve: resolve as (value: unknown) => void, reject });
      this.#schedule();
    });
  }

  /** Finishes what was asked for, then closes the connection. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#busy) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
    this.#connection.close();
  }

  /**
   * A group begins when the event loop has read every socket that was ready, not in the next microtask: requests
   * that arrived together then commit together.
   */
  #schedule(): void {
    if (this.#busy) return;
    this.#busy = true;
    setImmediate(() => void this.#commitGroup());
  }

  async #commitGroup(): Promise<void> {
    await this.#drain();
    this.#busy = false;
    if (this.#queue.length > 0) this.#schedule();
    else for (const resolve of this.#idleWaiters) resolve();
  }

  async #drain(): Promise<void> {
    const group = this.#queue.length <= GROUP_SIZE ? this.#queue : this.#queue.slice(0, GROUP_SIZE);
    this.#queue = this.#queue.length <= GROUP_SIZE ? [] : this.#queue.slice(GROUP_SIZE);
    const connection = this.#connection;
    const transaction = { begun: false };
    const done: Done[] = [];
    let failure: unknown = null;
    let next = 0;

    while (next < group.length && failure === null) {
      const queued = group[next++] as Queued;
      const scope = new GroupScope(connection, transaction, this.#turns, this.#lane);
      connection.failure = null;
      try {
        const value = await queued.work(scope);
        // A statement that failed fails the work, also when the work went on regardless.
        if (connection.failure !== null) throw connection.failure;
        scope.keep();
        if (transaction.begun) done.push({ queued, value, scope });
        else queued.resolve(value);
      } catch (error) {
        failure = scope.undo();
        queued.reject(failure ?? error);
      }
    }
    if (transaction.begun && failure === null) {
      try {
        connection.run("COMMIT");
      } catch (error) {
        failure = error;
      }
    }
    if (failure !== null) {
      for (const { queued, scope } of done) {
        scope.release();
        queued.reject(failure);
      }
      for (const queued of group.slice(next)) queued.reject(failure);
      if (connection.inTransaction) connection.run("ROLLBACK");
      return;
    }
    for (const { queued, value } of done) queued.resolve(value);
    this.#tell(done);
  }

  /** The hot lane hears of the group once, in the order of its work. */
  #tell(done: readonly Done[]): void {
    const claims: Claim[] = [];
    let due = Number.POSITIVE_INFINITY;
    for (const { scope } of done) {
      if (scope.claims.length > 0) claims.push(...scope.claims);
      due = Math.min(due, scope.earliest);
    }
    if (claims.length > 0) done[0]?.scope.lane?.accept(claims);
    if (due < Number.POSITIVE_INFINITY) this.#lane?.due(due);
  }
}

class GroupScope implements Scope {
  readonly lane: HotLane | null;
  readonly claims: Claim[] = [];
  earliest = Number.POSITIVE_INFINITY;
  readonly #connection: Connection;
  readonly #transaction: { begun: boolean };
  readonly #turns: { last: number };
  readonly #reserved = new Map<string, number>();
  #marked = false;
  #ended = false;

  constructor(connection: Connection, transaction: { begun: boolean }, turns: { last: number }, lane: HotLane | null) {
    this.#connection = connection;
    this.#transaction = transaction;
    this.#turns = turns;
    this.lane = lane;
  }

  get(sql: string, ...values: SqlValue[]): SqlRow | undefined {
    this.#check();
    return this.#connection.get(sql, ...values);
  }

  all(sql: string, ...values: SqlValue[]): SqlRow[] {
    this.#check();
    return this.#connection.all(sql, ...values);
  }

  run(sql: string, ...values: SqlValue[]): number {
    this.#check();
    if (!this.#marked) this.#mark();
    return this.#connection.run(sql, ...values);
  }

  nextTurn(): number {
    return ++this.#turns.last;
  }

  reserve(endpointId: string, now: number): { leaseUntil: number } | null {
    const lease = this.lane?.reserve(endpointId, now) ?? null;
    if (lease !== null) this.#reserved.set(endpointId, (this.#reserved.get(endpointId) ?? 0) + 1);
    return lease;
  }

  handOver(claim: Claim): void {
    this.claims.push(claim);
  }

  due(at: number): void {
    this.earliest = Math.min(this.earliest, at);
  }

  /** The work is done: its changes are the group's. */
  keep(): void {
    this.#ended = true;
    if (this.#marked) this.#connection.run("RELEASE work");
  }

  /** The work failed: takes its changes back. Returns the failure when that, or the database, makes the whole group fail. */
  undo(): unknown {
    this.#ended = true;
    this.release();
    const { failure } = this.#connection;
    if (failure instanceof StoreUnavailable) return failure;
    if (!this.#marked) return null;
    try {
      this.#connection.run("ROLLBACK TO work");
      this.#connection.run("RELEASE work");
      return null;
    } catch (error) {
      return error;
    }
  }

  /** Gives reserved room back. */
  release(): void {
    for (const [endpointId, count] of this.#reserved) this.lane?.release(endpointId, count);
    this.#reserved.clear();
  }

  #mark(): void {
    if (!this.#transaction.begun) {
      this.#connection.run("BEGIN IMMEDIATE");
      this.#transaction.begun = true;
    }
    this.#connection.run("SAVEPOINT work");
    this.#marked = true;
  }

  #check(): void {
    if (this.#ended) throw new Error("This transaction has ended: await everything it does inside its work.");
  }
}

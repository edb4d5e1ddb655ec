import type { Claim, HotLane, OwnedEndpoint } from "../contract/delivery-store.ts";
import { StoreUnavailable } from "../store.ts";
import type { SqliteConnection, SqlRow, SqlValue } from "./connection.ts";
import type { LastNumbers, WorkScope } from "./scope.ts";
import { resultCode } from "./store-failure.ts";

/** The disk failed. Source: https://www.sqlite.org/rescode.html#ioerr */
const SQLITE_IOERR = 10;

const UNCERTAIN = "It is not known whether this was stored: the disk failed while it was written.";

/**
 * Work that shares one commit, at most: enough to spread the cost of a sync, few enough to keep the first one's wait
 * short.
 */
const GROUP_SIZE = 256;

interface Queued {
  work(scope: WorkScope): unknown;
  /**
   * When the database failed: whether that fails this work, because it changed something or its own statement failed.
   */
  fails: boolean;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

/** The result of work: a value, or what it threw. The caller gets it after the commit. */
interface Ended {
  queued: Queued;
  scope: GroupScope;
  result: { value: unknown } | { thrown: unknown };
}

/**
 * Runs work one after another, and all work of one turn of the event loop in one transaction: publishes and settlements
 * that arrive together share one sync of the disk. If work throws, only its own changes are rolled back. If the
 * database fails, all work of the group that changed something fails; work that only read runs again.
 *
 * Savepoints around each work would cost a small publish a third of its time. So the group runs without. If work throws
 * after it changed something, and earlier work did as well, the whole group is rolled back and rerun with savepoints.
 * The contract allows reruns.
 */
export class GroupCommit {
  readonly #connection: SqliteConnection;
  readonly #numbers: LastNumbers;
  #queue: Queued[] = [];
  #between: (() => void)[] = [];
  #busy = false;
  #idleWaiters: (() => void)[] = [];
  #closed = false;
  #lane: HotLane | null = null;
  #taskListener: ((dueAt: number) => void) | null = null;
  #onOwed: ((endpointIds: readonly string[]) => void) | null = null;

  /** `numbers`: the largest in the database. Counting continues from them. */
  constructor(connection: SqliteConnection, numbers: LastNumbers) {
    this.#connection = connection;
    this.#numbers = numbers;
  }

  attach(lane: HotLane | null): void {
    this.#lane = lane;
  }

  onTask(listener: ((dueAt: number) => void) | null): void {
    this.#taskListener = listener;
  }

  onOwed(onOwed: ((endpointIds: readonly string[]) => void) | null): void {
    this.#onOwed = onOwed;
  }

  /**
   * Resolves with what `work` returns once that is durable. Rejects with what it throws, or with `StoreUnavailable`.
   */
  run<T>(work: (scope: WorkScope) => T | Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreUnavailable("The store is closed."));
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, fails: false, resolve: resolve as (value: unknown) => void, reject });
      this.#schedule();
    });
  }

  /** Runs `work` between two groups, when no transaction is open. */
  between<T>(work: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreUnavailable("The store is closed."));
    return new Promise<T>((resolve, reject) => {
      this.#between.push(() => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      });
      this.#schedule();
    });
  }

  /** Finishes the requested work, then closes the connection. */
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
    const between = this.#between;
    this.#between = [];
    for (const work of between) work();
    await this.#drain();
    this.#busy = false;
    if (this.#queue.length > 0 || this.#between.length > 0) this.#schedule();
    else for (const resolve of this.#idleWaiters) resolve();
  }

  async #drain(): Promise<void> {
    const group = this.#queue.length <= GROUP_SIZE ? this.#queue : this.#queue.slice(0, GROUP_SIZE);
    this.#queue = this.#queue.length <= GROUP_SIZE ? [] : this.#queue.slice(GROUP_SIZE);
    const lane = this.#lane;
    let ended = await this.#runGroup(group, lane, false);
    if (ended === "again") ended = await this.#runGroup(group, lane, true);
    const failure = Array.isArray(ended) ? this.#commit(ended) : ended;
    if (!Array.isArray(ended) || failure !== null) {
      for (const queued of group) if (queued.fails) queued.reject(failure);
      // Work that only read, or was not reached, runs again, without the work that could not be written.
      this.#queue.unshift(...group.filter(({ fails }) => !fails));
      return;
    }
    for (const { queued, result } of ended) {
      if ("value" in result) queued.resolve(result.value);
      else queued.reject(result.thrown);
    }
    this.#tell(ended, lane);
  }

  /**
   * Runs a group's work inside one transaction and leaves that open. If it returns "again" (run it with savepoints) or
   * a failure (nothing of the group is kept), the transaction was rolled back.
   */
  async #runGroup(group: readonly Queued[], lane: HotLane | null, savepoints: boolean): Promise<Ended[] | "again" | StoreUnavailable> {
    const connection = this.#connection;
    const ended: Ended[] = [];
    for (const queued of group) {
      const scope = new GroupScope(connection, savepoints, this.#numbers, lane);
      const changedBefore = connection.inTransaction;
      connection.failure = null;
      try {
        const value = await queued.work(scope);
        // A failed statement fails the work, even if the work continued.
        if (connection.failure !== null) throw connection.failure;
        scope.keep();
        queued.fails = scope.changed;
        ended.push({ queued, scope, result: { value } });
      } catch (error) {
        scope.end();
        scope.release();
        queued.fails = scope.changed;
        ended.push({ queued, scope, result: { thrown: error } });
        const failure = connection.failure instanceof StoreUnavailable ? connection.failure : savepoints ? scope.undo() : null;
        if (failure !== null) {
          queued.fails = true;
          this.#rollBack(ended);
          return failure;
        }
        if (scope.changed && !savepoints) {
          if (changedBefore) {
            this.#rollBack(ended);
            return "again";
          }
          connection.run("ROLLBACK");
        }
      }
    }
    return ended;
  }

  /** Returns the failure that undoes the whole group, if any. */
  #commit(ended: readonly Ended[]): StoreUnavailable | null {
    if (!this.#connection.inTransaction) return null;
    try {
      this.#connection.run("COMMIT");
      return null;
    } catch (error) {
      this.#rollBack(ended);
      if (!(error instanceof StoreUnavailable)) throw error;
      // The log may contain it anyway, and a restart would find it there.
      return resultCode(error.cause) === SQLITE_IOERR ? new StoreUnavailable(UNCERTAIN, { cause: error.cause, uncertain: true }) : error;
    }
  }

  #rollBack(ended: readonly Ended[]): void {
    for (const { scope } of ended) scope.release();
    if (this.#connection.inTransaction) this.#connection.run("ROLLBACK");
  }

  /** Reports the group to the hot lane and the task runner once, in the order of its work. */
  #tell(ended: readonly Ended[], lane: HotLane | null): void {
    const claims: Claim[] = [];
    const changed = new Set<string>();
    const owed = new Set<string>();
    let due = Number.POSITIVE_INFINITY;
    let taskDue = Number.POSITIVE_INFINITY;
    for (const { scope, result } of ended) {
      if (!("value" in result)) continue;
      if (scope.claims.length > 0) claims.push(...scope.claims);
      for (const endpointId of scope.changedEndpoints) changed.add(endpointId);
      for (const endpointId of scope.owedListeners) owed.add(endpointId);
      due = Math.min(due, scope.earliest);
      taskDue = Math.min(taskDue, scope.earliestTask);
    }
    if (claims.length > 0) lane?.accept(claims);
    for (const endpointId of changed) this.#lane?.changed(endpointId);
    if (due < Number.POSITIVE_INFINITY) this.#lane?.due(due);
    if (taskDue < Number.POSITIVE_INFINITY) this.#taskListener?.(taskDue);
    if (owed.size > 0) this.#onOwed?.([...owed]);
  }
}

class GroupScope implements WorkScope {
  readonly claims: Claim[] = [];
  earliest = Number.POSITIVE_INFINITY;
  earliestTask = Number.POSITIVE_INFINITY;
  readonly changedEndpoints: string[] = [];
  readonly owedListeners: string[] = [];
  /** Whether it changed anything. */
  changed = false;
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

  known<Value>(question: string, key: string, find: () => Value): Value {
    this.#check();
    return this.#connection.known(question, key, find);
  }

  run(sql: string, ...values: SqlValue[]): number {
    this.#check();
    if (!this.changed) this.#begin();
    return this.#connection.run(sql, values);
  }

  next(kind: keyof LastNumbers): number {
    return ++this.#numbers[kind];
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

  /** It cannot be used after this. */
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

import type { Claim, HotLane } from "../../contract/delivery-store.ts";
import { FEW_ROWS, type Pace } from "../../pace.ts";
import { StoreUnavailable } from "../../store.ts";
import { TurnsByOwner } from "../../turns-by-owner.ts";
import type { SqliteConnection } from "./connection.ts";
import type { FileInPlace } from "./file-in-place.ts";
import { GroupScope } from "./group-scope.ts";
import { beginTime, type GroupTime, inLaterTurn } from "./group-time.ts";
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

/** Turns of the event loop in which a group takes more work, at most: a trickle of work must not hold up the first. */
const GROUP_TURNS = 8;

/** Changed rows after which a group no longer waits for more work: its sync is then a small part of its cost. */
const GROUP_ROWS = 1_000;

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
 * Runs work one after another, and work that arrives together in one transaction, so that publishes and settlements
 * share one sync of the disk. A group takes the work of one turn of the event loop, then what arrived while that ran,
 * and commits when a turn has brought no more: while the disk syncs, nothing else runs. What is left when its time is
 * over makes the next group. If work throws, only its own changes are rolled back. If the database fails, all work of
 * the group that changed something fails; work that only read runs again.
 *
 * Savepoints around each work would cost a small publish a third of its time. So the group runs without. If work throws
 * after it changed something, and earlier work did as well, the whole group is rolled back and rerun with savepoints.
 * The contract allows reruns.
 */
export class GroupCommit implements Pace {
  readonly #connection: SqliteConnection;
  readonly #numbers: LastNumbers;
  readonly #inPlace: FileInPlace | null;
  readonly #time: GroupTime | null;
  #queue: Queued[] = [];
  #between: (() => void)[] = [];
  readonly rows = FEW_ROWS;
  readonly #slices = new TurnsByOwner<() => void>();
  #busy = false;
  #wasOver = false;
  #idleWaiters: (() => void)[] = [];
  #closed = false;
  #lane: HotLane | null = null;
  #taskListener: ((dueAt: number) => void) | null = null;
  #onOwed: ((endpointIds: readonly string[]) => void) | null = null;

  /** `numbers`: the largest in the database. Counting continues from them. */
  constructor(
    connection: SqliteConnection,
    numbers: LastNumbers,
    { inPlace = null, time = null }: { inPlace?: FileInPlace | null; time?: GroupTime | null } = {},
  ) {
    this.#connection = connection;
    this.#numbers = numbers;
    this.#inPlace = inPlace;
    this.#time = time;
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
  between<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#later(work, (run) => this.#between.push(run));
  }

  /** Runs one slice of a read that looks at many rows: one slice between two groups, in turns of the owners. */
  slice<T>(owner: string, work: () => T | Promise<T>): Promise<T> {
    return this.#later(work, (run) => this.#slices.add(owner, run));
  }

  /** What reads between groups need. */
  readingScope(): WorkScope {
    return new GroupScope(this.#connection, false, this.#numbers, null);
  }

  #later<T>(work: () => T | Promise<T>, add: (run: () => void) => void): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreUnavailable("The store is closed."));
    return new Promise<T>((resolve, reject) => {
      add(() => {
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
    inLaterTurn(() => void this.#commitGroup(), this.#wasOver);
  }

  async #commitGroup(): Promise<void> {
    const between = this.#between;
    this.#between = [];
    for (const work of between) work();
    this.#slices.take()?.();
    await this.#drain();
    this.#busy = false;
    if (this.#queue.length > 0 || this.#between.length > 0 || !this.#slices.empty) this.#schedule();
    else for (const resolve of this.#idleWaiters) resolve();
  }

  async #drain(): Promise<void> {
    const group: Queued[] = [];
    const lane = this.#lane;
    const isOver = beginTime(this.#time);
    let ended: Ended[] | "again" | StoreUnavailable = [];
    for (let turn = 0; Array.isArray(ended) && (turn === 0 || this.#queue.length > 0); turn++) {
      group.push(...this.#queue.splice(0, GROUP_SIZE - group.length));
      ended = await this.#runGroup(group, lane, isOver, ended);
      if (turn === GROUP_TURNS || !Array.isArray(ended) || !this.#awaitsMore(ended) || isOver()) break;
      // The event loop reads the sockets that have become ready.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    if (ended === "again") ended = await this.#runGroup(group, lane, isOver, null);
    this.#wasOver = isOver();
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

  /** Whether a group of which all work has run has a commit to share, and is small enough to wait for more work. */
  #awaitsMore(ended: readonly Ended[]): boolean {
    if (!this.#connection.inTransaction || ended.length >= GROUP_SIZE) return false;
    return ended.reduce((rows, { scope }) => rows + scope.changedRows, 0) < GROUP_ROWS;
  }

  /**
   * Runs a group's work inside one transaction and leaves that open. What has not begun when its time is over goes back
   * into the queue. `before` is the work of the group that has run already; null runs all of it with savepoints. If it
   * returns "again" (run it with savepoints) or a failure (nothing of the group is kept), the transaction was rolled
   * back.
   */
  async #runGroup(
    group: Queued[],
    lane: HotLane | null,
    isOver: () => boolean,
    before: Ended[] | null,
  ): Promise<Ended[] | "again" | StoreUnavailable> {
    const connection = this.#connection;
    const savepoints = before === null;
    const ended = before ?? [];
    for (const queued of group.slice(ended.length)) {
      if (ended.length > 0 && isOver()) {
        this.#queue.unshift(...group.splice(ended.length));
        break;
      }
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
    const elsewhere = this.#inPlace?.look() ?? null;
    if (elsewhere !== null) {
      this.#rollBack(ended);
      return new StoreUnavailable(`Nothing can be stored: ${elsewhere} was removed or replaced while the server runs.`);
    }
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

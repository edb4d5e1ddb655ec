import type { HotLane } from "../../contract/delivery-store.ts";
import { FEW_ROWS, type Pace } from "../../pace.ts";
import { StoreUnavailable } from "../../store.ts";
import { SERVER, TurnsByOwner } from "../../turns-by-owner.ts";
import type { SqliteConnection } from "./connection.ts";
import type { FileInPlace } from "./file-in-place.ts";
import { newsOf } from "./group-news.ts";
import { GroupScope } from "./group-scope.ts";
import { beginTime, type GroupTime, inLaterTurn } from "./group-time.ts";
import type { LastNumbers, WorkScope } from "./scope.ts";
import { commitFailure } from "./store-failure.ts";

/**
 * The most work that shares one commit: enough to spread the cost of a sync, few enough to keep the first one's wait
 * short.
 */
const GROUP_SIZE = 256;

/** The most turns of the event loop in which a group accepts more work, so that a trickle does not delay the first. */
const GROUP_TURNS = 8;

/** After this many changed rows, a group no longer waits for more work: its sync is then a small part of its cost. */
const GROUP_ROWS = 1_000;

interface Queued {
  client: string;
  work(scope: WorkScope): unknown;
  /**
   * Whether a failure of the database fails this work, because it changed something or its own statement failed.
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
 * share one sync of the disk. A group takes the work of one turn of the event loop, then the work that arrived while
 * that ran. It commits when a turn has brought no more: while the disk syncs, nothing else runs. Work that is left when
 * its time is over makes the next group. Clients take turns, and so does the server itself, so that a client with much
 * work delays only itself. If work throws, only its own changes are rolled back. If the database fails, all work of the
 * group that changed something fails; work that only read runs again.
 *
 * A savepoint around each piece of work would cost a small publish a third of its time, so the group runs without them.
 * If work throws after it changed something, and earlier work did as well, the whole group is rolled back and rerun
 * with savepoints. The contract allows reruns.
 */
export class GroupCommit implements Pace {
  readonly #connection: SqliteConnection;
  readonly #numbers: LastNumbers;
  readonly #inPlace: FileInPlace | null;
  readonly #time: GroupTime | null;
  readonly rows = FEW_ROWS;
  readonly #queue = new TurnsByOwner<Queued>();
  readonly #between = new TurnsByOwner<() => void>();
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
  run<T>(work: (scope: WorkScope) => T | Promise<T>, client = SERVER): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreUnavailable("The store is closed."));
    return new Promise<T>((resolve, reject) => {
      this.#queue.add(client, { client, work, fails: false, resolve: resolve as (value: unknown) => void, reject });
      this.#schedule();
    });
  }

  /** Runs `work` between two groups, when no transaction is open. */
  between<T>(work: () => T | Promise<T>, client = SERVER): Promise<T> {
    return this.#later(work, (run) => this.#between.add(client, run));
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

  /** Finishes the work that was requested, then closes the connection. */
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
    const isOver = beginTime(this.#time);
    for (let work = this.#between.take(); work !== undefined; work = isOver() ? undefined : this.#between.take()) work();
    this.#slices.take()?.();
    await this.#drain();
    this.#busy = false;
    if (!(this.#queue.empty && this.#between.empty && this.#slices.empty)) this.#schedule();
    else for (const resolve of this.#idleWaiters) resolve();
  }

  async #drain(): Promise<void> {
    const group: Queued[] = [];
    const lane = this.#lane;
    const isOver = beginTime(this.#time);
    let ended: Ended[] | "again" | StoreUnavailable = [];
    for (let turn = 0; Array.isArray(ended) && (turn === 0 || !this.#queue.empty); turn++) {
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
      this.#giveBack(group.filter(({ fails }) => !fails));
      return;
    }
    for (const { queued, result } of ended) {
      if ("value" in result) queued.resolve(result.value);
      else queued.reject(result.thrown);
    }
    this.#tell(ended, lane);
  }

  /** Whether all work of a group has run, there is a commit to share, and the group may still wait for more work. */
  #awaitsMore(ended: readonly Ended[]): boolean {
    if (!this.#connection.inTransaction || ended.length >= GROUP_SIZE) return false;
    return ended.reduce((rows, { scope }) => rows + scope.changedRows, 0) < GROUP_ROWS;
  }

  /**
   * Runs a group, including the work that waits now, inside one transaction, and leaves the transaction open. Work that
   * has not begun when its time is over waits for the next group. `before` is the work of the group that has run
   * already; null runs all of it with savepoints. If it returns "again" (run it with savepoints) or a failure (nothing
   * of the group is kept), the transaction was rolled back.
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
    const most = Math.min(GROUP_SIZE, group.length + this.#queue.size);
    for (;;) {
      if (ended.length > 0 && isOver()) {
        this.#giveBack(group.splice(ended.length));
        break;
      }
      const queued = group[ended.length] ?? this.#nextOf(group, most);
      if (queued === undefined) break;
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

  /** The next work that waits, now part of the group; undefined when no work waits or the group is full. */
  #nextOf(group: Queued[], most: number): Queued | undefined {
    const queued = group.length < most ? this.#queue.take() : undefined;
    if (queued !== undefined) group.push(queued);
    return queued;
  }

  #giveBack(work: readonly Queued[]): void {
    this.#queue.giveBack(work.map((queued) => ({ owner: queued.client, work: queued })));
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
      return commitFailure(error);
    }
  }

  #rollBack(ended: readonly Ended[]): void {
    for (const { scope } of ended) scope.release();
    if (this.#connection.inTransaction) this.#connection.run("ROLLBACK");
  }

  /** Reports the group to the hot lane and the task runner once, in the order of its work. */
  #tell(ended: readonly Ended[], lane: HotLane | null): void {
    const kept = ended.filter(({ result }) => "value" in result);
    const { claims, changed, owed, due, taskDue } = newsOf(kept.map(({ scope }) => scope));
    if (claims.length > 0) lane?.accept(claims);
    for (const endpointId of changed) this.#lane?.changed(endpointId);
    if (due < Number.POSITIVE_INFINITY) this.#lane?.due(due);
    if (taskDue < Number.POSITIVE_INFINITY) this.#taskListener?.(taskDue);
    if (owed.size > 0) this.#onOwed?.([...owed]);
  }
}

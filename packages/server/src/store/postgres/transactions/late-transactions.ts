import type { SecretBox } from "../../secret-box.ts";
import { StoreUnavailable } from "../../store.ts";
import { SERVER } from "../../turns-by-owner.ts";
import type { ClientSession } from "../database/session.ts";
import type { AfterCommit } from "./after-commit.ts";
import { KnownConfiguration } from "./known-configuration.ts";
import { LateSession } from "./late-session.ts";
import { SharedCommits } from "./shared-commits.ts";
import { BEGIN, type Statement, type Transactions } from "./transactions.ts";

export interface LateTransactionsOptions {
  transactions: Transactions;
  box: SecretBox;
  /** This node's name. */
  node: string;
  /** What one run of a transaction reports after its commit. */
  newAfter(): AfterCommit;
  /** The message to other nodes about work that shares a commit; null for none. */
  newsOf(afters: readonly AfterCommit[]): Statement | null;
  /** Receives what was reported after the commit. */
  onCommit(after: AfterCommit): void;
}

type Work<T> = (session: LateSession, after: AfterCommit) => Promise<T>;

/** One run of work. */
interface Run<T> {
  session: LateSession;
  after: AfterCommit;
  result: Promise<T>;
}

/**
 * Runs the transactions of calls. Each begins without a connection (`late-session.ts`), and takes one when it needs an
 * answer that is not known. Transactions that never take one are committed together.
 */
export class LateTransactions {
  readonly #options: LateTransactionsOptions;
  readonly #known = new KnownConfiguration();
  readonly #commits: SharedCommits;
  readonly #running = new Set<Promise<unknown>>();
  /** How many of them belong to each client. */
  readonly #byClient = new Map<string, number>();
  #closed = false;

  constructor(options: LateTransactionsOptions) {
    this.#options = options;
    this.#commits = new SharedCommits({ ...options, known: this.#known });
  }

  /** Runs work that may write. See `Store.transaction`. */
  write<T>(work: Work<T>, client = SERVER): Promise<T> {
    return this.#admitted(client, async () => {
      const late = this.#startLate(work, true);
      await late.paused;
      if (late.connection === null) {
        const { session, after, result } = late.run;
        if (await this.#keep(client, { session, after, result })) return result;
        return this.#alone(BEGIN.serializable, work, null, client);
      }
      return this.#alone(BEGIN.serializable, work, late, client);
    });
  }

  /** Runs work that only reads. */
  read<T>(work: Work<T>, client = SERVER): Promise<T> {
    return this.#admitted(client, async () => {
      const late = this.#startLate(work, false);
      await late.paused;
      return this.#alone(BEGIN.looking, work, late, client);
    });
  }

  /** Lets no more begin, and waits for those that have begun. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running);
  }

  async #admitted<T>(client: string, run: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreUnavailable("The store is closed.");
    const own = client === SERVER ? 0 : (this.#byClient.get(client) ?? 0);
    this.#options.transactions.admit(this.#running.size, own);
    const running = run();
    this.#running.add(running);
    if (client !== SERVER) this.#byClient.set(client, own + 1);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
      const left = (this.#byClient.get(client) ?? 1) - 1;
      if (left > 0) this.#byClient.set(client, left);
      else this.#byClient.delete(client);
    }
  }

  /** Starts work without a connection. `paused` resolves when it has ended or needs one. */
  #startLate<T>(work: Work<T>, presumes: boolean): LateRun<T> {
    const late = new LateRun<T>();
    late.run = this.#start(work, () => late.connect(), presumes);
    const ended = () => late.pause();
    late.run.result.then(ended, ended);
    return late;
  }

  #start<T>(work: Work<T>, connect: () => Promise<ClientSession>, presumes: boolean): Run<T> {
    const { box, node, newAfter } = this.#options;
    const after = newAfter();
    const session = new LateSession({ known: this.#known, box, node, after, connect, presumes });
    return { session, after, result: work(session, after) };
  }

  /**
   * Commits work that did not take a connection. Returns false if the work has to be run again. Rejects with what it
   * threw.
   */
  async #keep(client: string, { session, after, result }: Run<unknown>): Promise<boolean> {
    session.end();
    const threw = await result.then(
      () => false,
      () => true,
    );
    try {
      const kept = await this.#commits.keep({ client, session, after, threw });
      if (kept && !threw) this.#options.onCommit(after);
      else after.release();
      return kept;
    } catch (error) {
      after.release();
      throw error;
    }
  }

  /** Runs work on a connection: first the run that began without one, then again from the start as often as needed. */
  async #alone<T>(begin: string, work: Work<T>, late: LateRun<T> | null, client: string): Promise<T> {
    let run = late?.run ?? null;
    try {
      const carryOn = async (on: ClientSession): Promise<T> => {
        if (late?.begun === false) late.begin(on);
        else {
          run?.after.release();
          run = this.#start(work, async () => on, false);
        }
        const { session, result } = run as Run<T>;
        try {
          const value = await result;
          await session.finish(on);
          return value;
        } catch (error) {
          session.end();
          // What it threw may follow from an assumption that is not true.
          if (on.failure === null) await session.check(on);
          throw error;
        }
      };
      const behind = () => (run === null ? null : this.#options.newsOf([run.after]));
      const result = await this.#options.transactions.run(begin, carryOn, { behind, client, admitted: true });
      if (run !== null) this.#options.onCommit(run.after);
      return result;
    } catch (error) {
      late?.fail(error);
      run?.after.release();
      throw error;
    }
  }
}

/** Work that was begun without a connection. */
class LateRun<T> {
  run!: Run<T>;
  readonly #paused = Promise.withResolvers<void>();
  /** Resolves the wait for a connection; null while the work is not waiting. */
  connection: PromiseWithResolvers<ClientSession> | null = null;
  /** Whether it has been given a connection, or will not get one. */
  begun = false;

  get paused(): Promise<void> {
    return this.#paused.promise;
  }

  pause(): void {
    this.#paused.resolve();
  }

  connect(): Promise<ClientSession> {
    this.connection ??= Promise.withResolvers();
    this.pause();
    return this.connection.promise;
  }

  begin(client: ClientSession): void {
    this.begun = true;
    this.connection?.resolve(client);
  }

  /** There is no connection for it. */
  fail(error: unknown): void {
    if (this.begun) return;
    this.begun = true;
    this.connection?.reject(error);
  }
}

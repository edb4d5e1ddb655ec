import type { SecretBox } from "../../secret-box.ts";
import { StoreUnavailable } from "../../store.ts";
import { type Owned, TurnsByOwner } from "../../turns-by-owner.ts";
import type { ClientSession } from "../database/session.ts";
import type { AfterCommit } from "./after-commit.ts";
import { claimsOf, sendWrites } from "./held-writes.ts";
import type { KnownAnswer, KnownConfiguration, UnusedKey } from "./known-configuration.ts";
import { type LateSession, placeOfKey, usedKeys } from "./late-session.ts";
import { BEGIN, type Statement, type Transactions } from "./transactions.ts";

/** The most work that shares one commit, and the most rows for it when several write. */
const GROUP_SIZE = 256;
const GROUP_ROWS = 1_000;

/** How many groups there are at once. A second one begins only when the first cannot take what waits. */
const GROUPS_AT_ONCE = 2;

/** Work that has ended and has never taken a connection. */
export interface EndedWork {
  /** On whose behalf it ran. */
  client: string;
  session: LateSession;
  after: AfterCommit;
  /** Whether it threw: then only its assumptions are checked. */
  threw: boolean;
}

export interface SharedCommitsOptions {
  transactions: Transactions;
  known: KnownConfiguration;
  box: SecretBox;
  /** The node whose leases are written. */
  node: string;
  /** The message to other nodes about work that shares a commit; null for none. */
  newsOf(afters: readonly AfterCommit[]): Statement | null;
}

interface Waiting extends EndedWork {
  /** True: it was committed. False: it must be run again, alone. */
  resolve(kept: boolean): void;
  reject(failure: unknown): void;
}

/**
 * Commits work that does not need its own connection: work that ends while the last group is committed is committed
 * together. The order of such work does not matter, because none of it has read what another may have written: its
 * assumptions are checked in the transaction, and work whose idempotency key another one in the group uses waits for
 * the next group. Clients take turns when there is more work than fits in a group.
 */
export class SharedCommits {
  readonly #options: SharedCommitsOptions;
  readonly #waiting = new TurnsByOwner<Waiting>();
  /** The rows that the waiting work writes. */
  #rows = 0;
  #groups = 0;
  #scheduled = false;

  constructor(options: SharedCommitsOptions) {
    this.#options = options;
  }

  /**
   * Resolves with true once the work is durable or, if it threw, once it is known that it was right to throw. Resolves
   * with false if it has to be run again in its own transaction. Rejects with `StoreUnavailable`.
   */
  keep(work: EndedWork): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(work.client, { ...work, resolve, reject });
      this.#rows += work.session.held.count;
      this.#schedule();
    });
  }

  /**
   * A group begins when the event loop has read every socket that was ready, so requests that arrived together are in
   * one group.
   */
  #schedule(): void {
    if (this.#scheduled || this.#waiting.empty) return;
    if (this.#groups > 0 && (this.#groups >= GROUPS_AT_ONCE || !this.#fills())) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#commitGroup();
    });
  }

  /** Whether the waiting work fills a group. */
  #fills(): boolean {
    return this.#waiting.size >= GROUP_SIZE || this.#rows >= GROUP_ROWS;
  }

  async #commitGroup(): Promise<void> {
    const group = this.#take();
    if (group.length === 0) return;
    this.#groups++;
    // A full second group need not wait.
    this.#schedule();
    const { transactions, newsOf } = this.#options;
    let right: ReadonlySet<Waiting> = new Set();
    try {
      // What is known is usually true: then everything is sent in one message. Otherwise each assumption is checked
      // before the work is written.
      let presumed = !group.some(({ threw }) => threw);
      const commit = async (session: ClientSession): Promise<void> => {
        right = new Set();
        right = presumed ? this.#sendAll(session, group) : await this.#commit(session, group);
        presumed = false;
      };
      const behind = () => newsOf([...right].flatMap(({ threw, after }) => (threw ? [] : [after])));
      await transactions.run(BEGIN.serializable, commit, { behind, admitted: true });
      for (const { threw, after, session } of right) if (!threw) after.handOverOnly(claimsOf(session.held));
      for (const work of group) work.resolve(right.has(work));
    } catch (error) {
      if (error instanceof StoreUnavailable) {
        for (const work of group) {
          if (work.threw && right.has(work)) work.resolve(true);
          else work.reject(error);
        }
        if (transactions.silent) this.#refuse(error);
      } else for (const work of group) work.resolve(false);
    }
    this.#groups--;
    this.#schedule();
  }

  /** The next group: in turns of the clients, and never two with the same idempotency key. */
  #take(): Waiting[] {
    const group: Waiting[] = [];
    const later: Owned<Waiting>[] = [];
    const keys = new Set<string>();
    let rows = 0;
    for (let work = this.#waiting.take(); work !== undefined; work = this.#waiting.take()) {
      const own = new Set([...work.session.presumed.unused, ...work.session.held.answers].map(placeOfKey));
      const full = group.length >= GROUP_SIZE || (group.length > 0 && rows + work.session.held.count > GROUP_ROWS);
      if (full || [...own].some((key) => keys.has(key))) {
        later.push({ owner: work.client, work });
        continue;
      }
      for (const key of own) keys.add(key);
      rows += work.session.held.count;
      group.push(work);
    }
    this.#waiting.giveBack(later);
    this.#rows -= rows;
    return group;
  }

  /**
   * Sends all writes, after a statement that refuses them if any assumption is not true. Returns the group.
   */
  #sendAll(session: ClientSession, group: readonly Waiting[]): ReadonlySet<Waiting> {
    const { known, box, node } = this.#options;
    const { used, unused } = presumedBy(group);
    known.refuseOutdated(session, used, unused);
    const held = group.map((work) => work.session.held);
    // The session records the failure.
    sendWrites(session, box, node, held).catch(() => undefined);
    return new Set(group);
  }

  /** Checks the group's assumptions, and sends the writes of the work whose assumptions are true. Returns that work. */
  async #commit(session: ClientSession, group: readonly Waiting[]): Promise<ReadonlySet<Waiting>> {
    const { known, box, node } = this.#options;
    const { used, unused } = presumedBy(group);
    const [outdated, taken] = await Promise.all([
      used.size === 0 ? new Set<KnownAnswer>() : known.outdated(session, used),
      unused.length === 0 ? new Set<string>() : usedKeys(session, unused),
    ]);
    const right = group.filter(({ session: { presumed } }) => {
      for (const answer of presumed.used) if (outdated.has(answer)) return false;
      return !presumed.unused.some((key) => taken.has(placeOfKey(key)));
    });
    const writing = right.filter(({ threw }) => !threw);
    const held = writing.map((work) => work.session.held);
    // The session records the failure.
    sendWrites(session, box, node, held).catch(() => undefined);
    return new Set(right);
  }

  /** The database does not answer: waiting work fails at once, instead of waiting for it in turn. */
  #refuse(error: StoreUnavailable): void {
    for (let work = this.#waiting.take(); work !== undefined; work = this.#waiting.take())
      work.reject(new StoreUnavailable(error.message, { cause: error }));
    this.#rows = 0;
  }
}

/** The assumptions of a group. */
function presumedBy(group: readonly EndedWork[]): { used: ReadonlySet<KnownAnswer>; unused: readonly UnusedKey[] } {
  const presumed = group.map(({ session }) => session.presumed);
  return { used: new Set(presumed.flatMap(({ used }) => [...used])), unused: presumed.flatMap(({ unused }) => unused) };
}

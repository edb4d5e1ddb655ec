import type { Pool } from "pg";
import type { ClaimRequest, EndpointHealth, HotLane, Reads, Settlement, Store, Transaction } from "../store.ts";
import { AfterCommit } from "./after-commit.ts";
import { type ClaimCursor, claimDue } from "./claim-due.ts";
import { PostgresReads } from "./postgres-reads.ts";
import { PostgresTransaction } from "./postgres-transaction.ts";
import { prune } from "./prune.ts";
import { releaseLeases } from "./release-leases.ts";
import type { Session } from "./session.ts";
import { settle } from "./settle.ts";
import { BEGIN, Transactions } from "./transactions.ts";

const NEXT_DUE = `
  WITH RECURSIVE walk AS (
    (SELECT endpoint, due_at FROM deliveries WHERE state = 0 ORDER BY endpoint, due_at LIMIT 1)
    UNION ALL
    SELECT next.endpoint, next.due_at FROM walk, LATERAL (
      SELECT endpoint, due_at FROM deliveries WHERE state = 0 AND endpoint > walk.endpoint ORDER BY endpoint, due_at LIMIT 1
    ) AS next
  )
  SELECT min(due_at) AS due_at FROM walk`;

/**
 * The store that several nodes share. Takes a pool of connections to a database whose schema is up to date, which it
 * then owns. `node` is this node's name, of this run alone.
 */
export function createPostgresStore(pool: Pool, node: string): Store {
  const transactions = new Transactions(pool);
  const cursor: ClaimCursor = { after: -1 };
  let lane: HotLane | null = null;
  let onTask: ((dueAt: number) => void) | null = null;
  let claiming: Promise<unknown> = Promise.resolve();

  /** Runs work and, once it is durable, says what it had to say. */
  async function telling<T>(begin: string, work: (session: Session, after: AfterCommit) => Promise<T>): Promise<T> {
    // Work may be run again: what an earlier run of it had reserved is given back first.
    let after = new AfterCommit(lane);
    try {
      const result = await transactions.run(begin, (session) => {
        after.release();
        after = new AfterCommit(lane);
        return work(session, after);
      });
      after.tell(lane, onTask);
      return result;
    } catch (error) {
      after.release();
      throw error;
    }
  }

  return {
    transaction: <T>(work: (tx: Transaction) => Promise<T>) =>
      telling(BEGIN.serializable, (session, after) => work(new PostgresTransaction(session, after, node))),
    read: <T>(work: (reads: Reads) => Promise<T>) => transactions.run(BEGIN.looking, (session) => work(new PostgresReads(session))),
    claimDue(request: ClaimRequest) {
      // One at a time: two claims of one node would pass over each other's rows.
      const claimed = claiming.then(() => transactions.run(BEGIN.committed, (session) => claimDue(session, request, cursor, node)));
      claiming = claimed.catch(() => undefined);
      return claimed;
    },
    settle: (settlements: readonly Settlement[], health: readonly EndpointHealth[]) =>
      telling(BEGIN.committed, (session, after) => settle(session, after, settlements, health)),
    nextDueAt: () => transactions.run(BEGIN.looking, async (session) => ((await session.get(NEXT_DUE))?.due_at ?? null) as number | null),
    nextTaskAt: () =>
      transactions.run(
        BEGIN.looking,
        async (session) => ((await session.get("SELECT min(due_at) AS due_at FROM tasks"))?.due_at ?? null) as number | null,
      ),
    onTask(listener) {
      onTask = listener;
    },
    releaseLeases: (now: number) => telling(BEGIN.committed, (session, after) => releaseLeases(session, after, now, node)),
    prune: (request: { eventsBefore: number; answersBefore: number; limit: number }) =>
      transactions.run(BEGIN.committed, (session) => prune(session, request)),
    attach(to: HotLane | null) {
      lane = to;
    },
    close: () => transactions.close(),
  };
}

import type { DatabaseSync } from "node:sqlite";
import type { ClaimRequest, EndpointHealth, HotLane, Reads, Settlement, Store, Transaction } from "../store.ts";
import { claimDue } from "./claim-due.ts";
import { Connection } from "./connection.ts";
import { GroupCommit } from "./group-commit.ts";
import { migrate } from "./migrate.ts";
import { prune } from "./prune.ts";
import { releaseLeases } from "./release-leases.ts";
import { settle } from "./settle.ts";
import { SqliteReads } from "./sqlite-reads.ts";
import { SqliteTransaction } from "./sqlite-transaction.ts";

/**
 * The embedded store: one file, one process, one connection. Takes an open database, which it then owns, and brings
 * its schema up to date. `now` is in Unix milliseconds.
 */
export function createSqliteStore(database: DatabaseSync, now: number): Store {
  migrate(database, now);
  const connection = new Connection(database);
  const lastTurn = connection.get("SELECT coalesce(max(turn), 0) AS turn FROM lanes")?.turn;
  const commits = new GroupCommit(connection, { last: lastTurn as number });

  return {
    transaction: <T>(work: (tx: Transaction) => Promise<T>) => commits.run((scope) => work(new SqliteTransaction(scope))),
    read: <T>(work: (reads: Reads) => Promise<T>) => commits.run((scope) => work(new SqliteReads(scope))),
    claimDue: (request: ClaimRequest) => commits.run((scope) => claimDue(scope, request)),
    settle: (settlements: readonly Settlement[], health: readonly EndpointHealth[]) =>
      commits.run((scope) => settle(scope, settlements, health)),
    nextDueAt: () => commits.run((scope) => (scope.get("SELECT min(due_at) AS due_at FROM lanes")?.due_at ?? null) as number | null),
    releaseLeases: (at: number) => commits.run((scope) => releaseLeases(scope, at)),
    prune: (request: { eventsBefore: number; answersBefore: number; limit: number }) => commits.run((scope) => prune(scope, request)),
    attach(lane: HotLane | null) {
      commits.attach(lane);
    },
    close: () => commits.close(),
  };
}

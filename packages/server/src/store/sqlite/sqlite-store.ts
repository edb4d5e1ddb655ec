import type { DatabaseSync } from "node:sqlite";
import { WEBHOOK_HEADERS } from "@carabiner/protocol";
import type { ClaimRequest } from "../contract/claim-request.ts";
import type { ClaimToken, EndpointCheck, HotLane, Settlement } from "../contract/delivery-store.ts";
import type { ListenerClaim } from "../contract/listener-store.ts";
import type { RequestRow } from "../contract/rows.ts";
import type { TakenOver } from "../contract/taken-over.ts";
import type { Reads, Transaction } from "../contract/transaction.ts";
import type { SecretBox } from "../secret-box.ts";
import type { AccountPruneRequest, PruneRequest, Store } from "../store.ts";
import { createLiveCopies } from "./back-up.ts";
import { deleteDashboardSession, insertDashboardSession, noteSessionUse } from "./dashboard-sessions.ts";
import { SqliteConnection } from "./database/connection.ts";
import { FileInPlace } from "./database/file-in-place.ts";
import { GroupCommit } from "./database/group-commit.ts";
import type { GroupTime } from "./database/group-time.ts";
import { claimDue } from "./deliveries/claim-due.ts";
import { nextDueAt } from "./deliveries/lanes.ts";
import { claimForListener } from "./deliveries/listeners.ts";
import { settle } from "./deliveries/settle.ts";
import { nextSuspect, releaseSuspects } from "./deliveries/suspects.ts";
import { takeOver } from "./deliveries/take-over.ts";
import type { UnderWayFile } from "./deliveries/under-way-file.ts";
import { readBetween } from "./read-between.ts";
import { insertRequests } from "./request-rows.ts";
import { OLDEST, prune, pruneAccount } from "./retention/prune.ts";
import { purge } from "./retention/purge.ts";
import { keepConstantHeaders } from "./rows/constant-headers.ts";
import { copyBeforeUpgrade } from "./schema/copy-before-upgrade.ts";
import { migrate } from "./schema/migrate.ts";
import { MIGRATIONS } from "./schema/migrations.ts";
import { createStoredSecrets, prepareSecrets } from "./secrets/stored-secrets.ts";
import { SqliteTransaction } from "./sqlite-transaction.ts";

/** An empty take-over. */
const NOTHING: TakenOver = { released: 0, underWay: 0, suspects: 0, quarantined: [] };

/**
 * The embedded store: one file, one process, one connection. Takes an open database, which it then owns, and updates
 * its schema. `now` is in Unix milliseconds; `box` seals the secrets. `file` names the database file and the file that
 * records what is under way; null when nothing outlives the process. `time` limits how long work keeps the process from
 * everything else. `onCopied` is called with the path of the copy that is made before an upgrade that cannot be undone.
 * Throws `UnfitDatabase` for a wrong database or key.
 *
 * Measured on two shared cores with every commit synced, event bodies of 2 kB, an event and a delivery written and the
 * delivery settled with its attempt: 35,000 to 42,000 deliveries a second in batches of 1,000 and 500, 27,000 to 31,000
 * in batches of 100, 19,000 to 23,000 when 200 publishes of one event share a commit. Of the 25 µs that a delivery
 * takes, 4 are spent outside SQLite. A single read takes 0.01 ms and a single commit 0.12 to 0.2 ms, most of it on the
 * disk. A claim of 500 takes 15 µs for each delivery with 20,000 due, and 24 µs with 200,000.
 *
 * Pages of 4 kB hold one body each and waste the rest: 9.7 kB written for a delivery, against 6.8 kB with pages of 8 kB
 * and 6.7 kB with 16 kB, which cost a single commit twice as much to write. Fewer checkpoints than one in 4,000 pages
 * gain little, and each takes longer. A larger cache and a memory map gained nothing beyond noise. An update that
 * returns the row it changed gained nothing either (it takes longer than finding the row first), and neither did
 * pruning without an index by age.
 */
export function createSqliteStore(
  database: DatabaseSync,
  now: number,
  box: SecretBox,
  file: { path: string; underWay: UnderWayFile; onCopied?(copy: string): void } | null = null,
  time: GroupTime | null = null,
): Store {
  migrate(database, now, MIGRATIONS, file === null ? null : () => file.onCopied?.(copyBeforeUpgrade(database, file.path, now)));
  const connection = new SqliteConnection(database);
  prepareSecrets(database, connection, box);
  const constant = keepConstantHeaders(connection, WEBHOOK_HEADERS);
  const largest = (table: string, column: string) =>
    connection.get(`SELECT coalesce(max(${column}), 0) AS largest FROM ${table}`)?.largest as number;
  const numbers = {
    turn: largest("lanes", "turn"),
    event: largest("events", "n"),
    delivery: largest("deliveries", "n"),
    eventTime: largest("events", "created"),
  };
  const commits = new GroupCommit(connection, numbers, { inPlace: file === null ? null : new FileInPlace(file.path), time });

  const copies = file === null ? null : createLiveCopies(database, file.path, commits);
  const underWay = file?.underWay ?? null;
  let prunedTo = OLDEST;

  return {
    backUp: copies === null ? null : (to) => copies.make(to),
    secrets: createStoredSecrets(database, commits, box),
    listeners: {
      claim: (request: ListenerClaim) => commits.run((scope) => claimForListener(scope, box, request)),
      onOwed(onOwed) {
        commits.onOwed(onOwed);
      },
    },
    requests: { insert: (rows: readonly RequestRow[]) => commits.run((scope) => insertRequests(scope, rows)) },
    sessions: {
      insert: (row, ended) => commits.run((scope) => insertDashboardSession(scope, row, ended)),
      noteUse: (hash, at) => commits.run((scope) => noteSessionUse(scope, hash, at)),
      delete: (hash) => commits.run((scope) => deleteDashboardSession(scope, hash)),
    },
    transaction: <T>(work: (tx: Transaction) => Promise<T>, client?: string) =>
      commits.run((scope) => work(new SqliteTransaction(scope, box)), client),
    read: <T>(work: (reads: Reads) => Promise<T>, client?: string) => readBetween(commits, box, work, client),
    claimDue: (request: ClaimRequest) => commits.run((scope) => claimDue(scope, box, request)),
    settle: (settlements: readonly Settlement[], checks: readonly EndpointCheck[]) =>
      commits.run((scope) => settle(scope, box, constant, settlements, checks)),
    nextDueAt: (except) => commits.run((scope) => nextDueAt(scope, except)),
    nextTaskAt: () => commits.run((scope) => (scope.get("SELECT min(due_at) AS due_at FROM tasks")?.due_at ?? null) as number | null),
    onTask(listener) {
      commits.onTask(listener);
    },
    noteUnderWay(begun: readonly ClaimToken[], settled: readonly ClaimToken[]) {
      underWay?.note(begun as readonly number[], settled as readonly number[]);
      return null;
    },
    async releaseLeases(at: number) {
      const noted = underWay?.read() ?? [];
      const taken = await commits.run((scope) => takeOver(scope, at, noted));
      // This happens only once that is stored. If this process ends in between, the tokens that are found again are
      // outdated.
      underWay?.remove();
      return taken;
    },
    beat: async () => NOTHING,
    nextSuspect: (request: Pick<ClaimRequest, "now" | "leaseMs">) => commits.run((scope) => nextSuspect(scope, box, request)),
    releaseSuspects: () => commits.run(releaseSuspects),
    sharedTime: async () => null,
    async prune(request: PruneRequest) {
      const { rows, position } = await commits.run((scope) => prune(scope, request, prunedTo));
      prunedTo = position;
      return rows;
    },
    pruneAccount: (request: AccountPruneRequest) => commits.run((scope) => pruneAccount(scope, request)),
    purge: async () => (copies === null ? undefined : copies.notMeanwhile(() => purge(database))),
    attach(lane: HotLane | null) {
      commits.attach(lane);
    },
    async close() {
      await copies?.end();
      await commits.close();
      copies?.release();
      underWay?.close();
    },
  };
}

import type { Sabotage } from "./sabotage.ts";

const SQLITE = "packages/server/src/store/sqlite";
const POSTGRES = "packages/server/src/store/postgres";
const SQLITE_STORE = [`${SQLITE}/sqlite-store.test.ts`];
const POSTGRES_STORE = [`${POSTGRES}/postgres-store.test.ts`];

/** What must never be lost, sent by two nodes, or settled twice. */
export const STORE_SABOTAGES: readonly Sabotage[] = [
  {
    name: "skip-fencing-sqlite",
    does: "a settlement counts though its lease is another's by now (SQLite)",
    edits: [
      { file: `${SQLITE}/deliveries/settle.ts`, old: "id = ? AND lease = ? AND state = 0", new: "id = ? AND ? IS NOT NULL AND state = 0" },
    ],
    tests: SQLITE_STORE,
  },
  {
    name: "skip-fencing-postgres",
    does: "a settlement counts though its lease is another's by now (PostgreSQL)",
    edits: [
      { file: `${POSTGRES}/deliveries/settle.ts`, old: "AND q.lease = s.held AND s.state > 0", new: "AND s.state > 0" },
      { file: `${POSTGRES}/deliveries/settle.ts`, old: "AND q.lease = s.held AND s.state = 0", new: "AND s.state = 0" },
      { file: `${POSTGRES}/deliveries/settle.ts`, old: " AND valid.held", new: "" },
    ],
    tests: POSTGRES_STORE,
  },
  {
    name: "settle-without-lease-sqlite",
    does: "a settlement counts for a delivery that has ended, and overwrites its end (SQLite)",
    edits: [{ file: `${SQLITE}/deliveries/settle.ts`, old: "AND lease = ? AND state = 0", new: "AND lease = ?" }],
    tests: SQLITE_STORE,
  },
  {
    name: "settle-without-lease-postgres",
    does: "a settlement counts for a delivery that has ended, and overwrites its end (PostgreSQL)",
    edits: [
      {
        file: `${POSTGRES}/deliveries/settle.ts`,
        old: "FROM (SELECT * FROM gone UNION ALL SELECT * FROM put_off) AS s",
        new: "FROM said s",
      },
      { file: `${POSTGRES}/deliveries/settle.ts`, old: " AND valid.held", new: "" },
    ],
    tests: POSTGRES_STORE,
  },
  {
    name: "settle-all-or-some-postgres",
    does: "settlements that are written together count as kept, also when one of them lost its lease (PostgreSQL)",
    edits: [{ file: `${POSTGRES}/deliveries/settle.ts`, old: "<> cardinality($1::bigint[])", new: "< 0" }],
    tests: POSTGRES_STORE,
  },
  {
    name: "claim-what-is-leased",
    does: "a claim does not move on what it leased, so that it is leased again at once (SQLite)",
    edits: [
      {
        file: `${SQLITE}/deliveries/claim-due.ts`,
        old: "UPDATE deliveries SET due_at = ?, lease = ?",
        new: "UPDATE deliveries SET due_at = ? * 0, lease = ?",
      },
    ],
    tests: SQLITE_STORE,
  },
  {
    name: "acknowledge-before-commit-sqlite",
    does: "a write is answered before its commit (SQLite)",
    edits: [
      {
        file: `${SQLITE}/database/group-commit.ts`,
        old: "        scope.keep();\n",
        new: "        scope.keep();\n        queued.resolve(value);\n",
      },
    ],
    tests: [`${SQLITE}/database/group-commit.test.ts`, `${SQLITE}/sqlite-durability.test.ts`],
  },
  {
    name: "acknowledge-before-commit-postgres",
    does: "a write is answered before its commit (PostgreSQL)",
    edits: [
      {
        file: `${POSTGRES}/transactions/transactions.ts`,
        old: "await committed;",
        new: "committed.catch(() => undefined);",
      },
    ],
    tests: [`${POSTGRES}/transactions/transactions.test.ts`],
  },
  {
    name: "trust-what-is-known",
    does: "what a node knows of keys, accounts and endpoints is not compared with the database (PostgreSQL)",
    edits: [{ file: `${POSTGRES}/transactions/known-configuration.ts`, old: "=== answer.version) continue;", new: "!== null) continue;" }],
    tests: [`${POSTGRES}/transactions/late-transactions.test.ts`],
  },
  {
    name: "send-what-is-no-longer-true",
    does: "writes that share a commit are not refused when what their node knows has changed (PostgreSQL)",
    edits: [
      {
        file: `${POSTGRES}/transactions/known-configuration.ts`,
        old: "WHERE known.version <> coalesce",
        new: "WHERE false AND known.version <> coalesce",
      },
    ],
    tests: [`${POSTGRES}/transactions/late-transactions.test.ts`],
  },
  {
    name: "send-with-a-used-key",
    does: "writes that share a commit are not refused when their idempotency key has been used (PostgreSQL)",
    edits: [{ file: `${POSTGRES}/transactions/known-configuration.ts`, old: "WHERE a.created >= unused.since", new: "WHERE false" }],
    tests: [`${POSTGRES}/transactions/late-transactions.test.ts`],
  },
  {
    name: "presume-every-key-unused",
    does: "an idempotency key that is taken for unused is not looked up (PostgreSQL)",
    edits: [{ file: `${POSTGRES}/transactions/shared-commits.ts`, old: "taken.has(placeOfKey(key))", new: "taken === null" }],
    tests: [`${POSTGRES}/transactions/late-transactions.test.ts`],
  },
  {
    name: "synchronous-normal",
    does: "SQLite does not sync its log at each commit, and does not check whether it does",
    edits: [
      { file: `${SQLITE}/database/open-database.ts`, old: "PRAGMA synchronous = FULL", new: "PRAGMA synchronous = NORMAL" },
      { file: `${SQLITE}/database/open-database.ts`, old: "{ synchronous: 2 }", new: "{ synchronous: 1 }" },
    ],
    tests: [`${SQLITE}/sqlite-durability.test.ts`],
  },
  {
    name: "lose-the-retry-after-a-crash",
    does: "a server that starts leaves leased what the one before had leased (SQLite)",
    edits: [
      {
        file: `${SQLITE}/deliveries/release-leases.ts`,
        old: "AND due_at <> next_attempt_at`",
        new: "AND due_at <> next_attempt_at AND 0`",
      },
    ],
    tests: SQLITE_STORE,
  },
  {
    name: "lose-what-a-dead-node-had",
    does: "what a node had leased that is gone stays leased (PostgreSQL)",
    edits: [{ file: `${POSTGRES}/deliveries/release-leases.ts`, old: "WHERE lease_node", new: "WHERE false AND lease_node" }],
    tests: ["packages/server/test/service/nodes.test.ts", ...POSTGRES_STORE],
  },
  {
    name: "forget-the-account-of-a-list-sqlite",
    does: "the list of events leaves out the condition on the account (SQLite)",
    edits: [
      {
        file: `${SQLITE}/lists/events-page.ts`,
        old: '=== undefined ? ["account_id = ?", filter.accountId] :',
        new: '=== undefined ? ["account_id IS NOT NULL OR account_id = ?", filter.accountId] :',
      },
      { file: `${SQLITE}/lists/events-page.ts`, old: '"events INDEXED BY events_listed"', new: '"events NOT INDEXED"' },
      {
        file: `${SQLITE}/lists/events-page.ts`,
        old: 'Condition[] = [\n    ["account_id = ?", filter.accountId],',
        new: "Condition[] = [",
      },
      {
        file: `${SQLITE}/lists/events-page.ts`,
        old: '? [\n          ["account_id = ?", filter.accountId],',
        new: "? [",
      },
      {
        file: `${SQLITE}/lists/events-page.ts`,
        old: 'const index = filter.connectedTo === undefined ? "INDEXED BY events_listed" : "NOT INDEXED"',
        new: 'const index = "NOT INDEXED"',
      },
    ],
    tests: SQLITE_STORE,
  },
  {
    name: "back-up-without-checkpoint",
    does: "a backup is the database's file alone, without what the log has",
    edits: [{ file: `${SQLITE}/back-up.ts`, old: "PRAGMA wal_checkpoint(TRUNCATE)", new: "SELECT 0 AS busy" }],
    tests: [`${SQLITE}/back-up.test.ts`],
  },
  {
    name: "checkpoint-during-back-up",
    does: "the log is merged into the file while a backup copies it",
    edits: [{ file: `${SQLITE}/back-up.ts`, old: "PRAGMA wal_autocheckpoint = 0", new: "PRAGMA wal_autocheckpoint = 2" }],
    tests: [`${SQLITE}/back-up.test.ts`],
  },
  {
    name: "back-up-gives-up-the-lock",
    does: "a backup closes the database's file, and with it the locks of this process",
    edits: [
      {
        file: `${SQLITE}/back-up.ts`,
        old: "statSync(location).size, ending.signal);\n",
        new: "statSync(location).size, ending.signal);\n      closeSync(source);\n      source = null;\n",
      },
    ],
    tests: [`${SQLITE}/back-up.test.ts`],
  },
  {
    name: "end-a-list-after-the-newest",
    does: "a list of an account's deliveries ends with those among the newest of all",
    edits: [
      {
        file: `${POSTGRES}/lists/deliveries-page.ts`,
        old: "if (next.hasMore) return next;",
        new: "if (next.rows.length >= 0) return next;",
      },
      { file: `${POSTGRES}/lists/list-thresholds.ts`, old: "walked: 3_000,", new: "walked: 200," },
    ],
    tests: [`${POSTGRES}/lists/newest-of-events.test.ts`],
  },
  {
    name: "list-by-time-without-the-late",
    does: "a list of events up to a time leaves out those that arrived long after it (SQLite)",
    edits: [{ file: `${SQLITE}/lists/event-times.ts`, old: " && !hasLate(scope, range)", new: "" }],
    tests: [`${SQLITE}/lists/event-times.test.ts`],
  },
  {
    name: "list-an-account-without-what-was-sent-again",
    does: "a list of an account's deliveries leaves out those made later than their events (SQLite)",
    edits: [{ file: `${SQLITE}/lists/newest-of-events.ts`, old: '["d.kind <> 0"]', new: '["d.kind < 0"]' }],
    tests: [`${SQLITE}/lists/newest-of-events.test.ts`],
  },
  {
    name: "list-an-account-without-what-was-made-later",
    does: "a list of an account's deliveries leaves out those made later than their events (PostgreSQL)",
    edits: [{ file: `${POSTGRES}/lists/newest-of-events.ts`, old: '["d.kind <> 0"]', new: '["d.kind < 0"]' }],
    tests: [`${POSTGRES}/lists/newest-of-events.test.ts`],
  },
  {
    name: "list-an-account-as-if-numbered-alike",
    does: "a list of an account's deliveries takes them to be numbered exactly as their events (SQLite)",
    edits: [
      {
        file: `${SQLITE}/lists/newest-of-events.ts`,
        old: "const { eventsApart: EVENTS_APART, laterLookedAt",
        new: "const EVENTS_APART = 0;\nconst { laterLookedAt",
      },
    ],
    tests: [`${SQLITE}/lists/random-lists.test.ts`],
  },
  {
    name: "list-an-account-as-if-numbered-alike-postgres",
    does: "a list of an account's deliveries takes them to be numbered exactly as their events (PostgreSQL)",
    edits: [
      {
        file: `${POSTGRES}/lists/newest-of-events.ts`,
        old: "const {\n  eventsApart: EVENTS_APART,",
        new: "const EVENTS_APART = 0;\nconst {",
      },
    ],
    tests: [`${POSTGRES}/lists/random-lists.test.ts`],
  },
  {
    name: "nul-in-a-text",
    does: "PostgreSQL is sent a text with a NUL, which it refuses",
    edits: [{ file: `${POSTGRES}/database/session.ts`, old: "return keptText(value);", new: "return value;" }],
    tests: [`${POSTGRES}/postgres-store.test.ts`],
  },
  {
    name: "half-a-character-in-json",
    does: "PostgreSQL is sent JSON that it takes and cannot look into",
    edits: [{ file: `${POSTGRES}/database/kept-text.ts`, old: "MAY_BE_UNREADABLE.test(json)", new: "json.length < 0" }],
    tests: [`${POSTGRES}/postgres-store.test.ts`],
  },
  {
    name: "hold-all-events-of-a-resend-job",
    does: "a step of a resend job has all its events in memory",
    edits: [
      {
        file: "packages/server/src/resources/events/resend-task.ts",
        old: "from += limits.resendEventsHeld) {\n    const deliveries = walked.deliveries.slice(from, from + limits.resendEventsHeld);",
        new: "from += walked.deliveries.length) {\n    const deliveries = walked.deliveries;",
      },
    ],
    tests: ["packages/server/test/console/resend-jobs.test.ts"],
  },
  {
    name: "hear-of-what-is-handed-over-only",
    does: "a delivery leased for another server waits for the end of its lease when the message of it is lost",
    edits: [{ file: `${POSTGRES}/postgres-store.ts`, old: "      handed.look();\n", new: "" }],
    tests: [`${POSTGRES}/deliveries/handed-leases.test.ts`],
  },
  {
    name: "take-what-is-handed-over-twice",
    does: "what was settled while leases were read is sent again",
    edits: [
      {
        file: `${POSTGRES}/deliveries/handed-leases.ts`,
        old: "if (this.#reading === null) for",
        new: "if (this.#held.size > 0) for",
      },
    ],
    tests: [`${POSTGRES}/deliveries/handed-leases.test.ts`],
  },
  {
    name: "take-what-is-handed-over-outdated",
    does: "what other servers lease for a sender goes to an endpoint as it was before a change, if that came while it was read",
    edits: [
      {
        file: `${POSTGRES}/deliveries/handed-leases.ts`,
        old: "[...outdated, ...(lane()?.take?.(current) ?? current)]",
        new: "lane()?.take?.(found) ?? found",
      },
    ],
    tests: [`${POSTGRES}/deliveries/handed-leases.test.ts`],
  },
  {
    name: "leave-a-listener-waiting",
    does: "a session of the official CLI whose server died waits for the end of its leases",
    edits: [{ file: `${POSTGRES}/deliveries/release-leases.ts`, old: "if (endpoint !== null && ", new: "if (endpoint === null && " }],
    tests: [`${POSTGRES}/deliveries/take-over.test.ts`],
  },
  {
    name: "leave-what-was-handed-to-the-forgotten",
    does: "what is leased for a server that was taken for gone waits for the end of its lease",
    edits: [
      {
        file: `${POSTGRES}/nodes/nodes.ts`,
        old: "...(await session.all(UNKNOWN))",
        new: "...(await session.all(UNKNOWN)).slice(0, 0)",
      },
    ],
    tests: [`${POSTGRES}/deliveries/handed-leases.test.ts`],
  },
  {
    name: "hand-over-a-suspect",
    does: "what was under way at an unclean end is sent at once by the server that holds it",
    edits: [{ file: `${POSTGRES}/deliveries/read-handed.ts`, old: "AND due_at + 0 <", new: "AND due_at + 0 <=" }],
    tests: [`${POSTGRES}/deliveries/handed-leases.test.ts`],
  },
  {
    name: "prune-what-is-pending",
    does: "an old event with many deliveries is deleted although one of them is still to be sent (SQLite)",
    edits: [{ file: `${SQLITE}/retention/delete-events.ts`, old: "!evenPending && scope.get", new: "limit < 0 && scope.get" }],
    tests: [`${SQLITE}/retention/prune.test.ts`],
  },
  {
    name: "overtake-with-what-is-handed-over",
    does: "a sender takes what other servers lease for it while older deliveries of the endpoint wait in the store",
    edits: [{ file: "packages/server/src/deliveries/engine.ts", old: "!claiming.passedOver.has(endpoint.id) && lane", new: "lane" }],
    tests: ["packages/server/test/deliveries/engine.test.ts"],
  },
  {
    name: "late-requests-postgres",
    does: "requests that are being written while their account is erased stay (PostgreSQL)",
    edits: [{ file: `${POSTGRES}/request-rows.ts`, old: "run(BEGIN.serializable,", new: "run(BEGIN.committed," }],
    tests: [`${POSTGRES}/retention/erase.test.ts`],
  },
];

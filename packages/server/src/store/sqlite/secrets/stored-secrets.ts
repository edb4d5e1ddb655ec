import type { DatabaseSync } from "node:sqlite";
import type { StoredSecrets, WalkPosition } from "../../contract/stored-secrets.ts";
import { checkKeys, KEY_MARKER, type KeyMarker, withCurrentKey, withoutKeys } from "../../key-marker.ts";
import { ANYTHING } from "../../sealed-fields.ts";
import type { SecretBox } from "../../secret-box.ts";
import type { SqliteConnection } from "../database/connection.ts";
import type { GroupCommit } from "../database/group-commit.ts";
import type { WorkScope } from "../database/scope.ts";
import { type CountStep, countSealed, reseal } from "./reseal.ts";

type Statements = Pick<WorkScope, "all" | "run">;

/** How many values are sealed in one commit while an older database is upgraded. */
const BATCH = 500;
/** How many rows a count examines in one commit. */
const COUNTED_AT_ONCE = 1_000;

function readMarker(scope: Pick<WorkScope, "all">): KeyMarker | null {
  const [row] = scope.all("SELECT value FROM settings WHERE name = ?", KEY_MARKER);
  return row === undefined ? null : (JSON.parse(row.value as string) as KeyMarker);
}

function saveMarker(scope: Pick<WorkScope, "run">, marker: KeyMarker): void {
  scope.run("INSERT OR REPLACE INTO settings VALUES (?, ?)", KEY_MARKER, JSON.stringify(marker));
}

function begin(scope: Statements, box: SecretBox): KeyMarker {
  const marker = readMarker(scope);
  if (marker !== null) checkKeys(marker, box);
  const next = withCurrentKey(marker, box, { begin: true });
  if (next === null) return marker as KeyMarker;
  box.keys.keep();
  saveMarker(scope, next);
  return next;
}

/**
 * Checks that our keys open the stored secrets, and seals what an earlier version left in clear, one batch for each
 * commit, so that the work can continue after an interruption. Afterwards the file contains none of the clear bytes.
 * Throws `UnfitDatabase` if our keys do not fit.
 */
export function prepareSecrets(database: DatabaseSync, connection: SqliteConnection, box: SecretBox): void {
  const scope: Statements = {
    all: (sql, ...values) => connection.all(sql, values),
    run: (sql, ...values) => connection.run(sql, values),
  };
  const marker = inTransaction(connection, () => begin(scope, box));
  if (marker.sealed) return;
  const isNew = scope.all(ANYTHING).length === 0;
  if (!isNew) {
    for (let next: WalkPosition | null = null; ; ) {
      const from: WalkPosition | null = next;
      next = inTransaction(connection, () => reseal(scope, box, BATCH, from)).next;
      if (next === null) break;
    }
    scrub(database);
  }
  inTransaction(connection, () => saveMarker(scope, { ...marker, sealed: true }));
}

/** Rewrites the file without deleted or replaced data, and empties the log. */
function scrub(database: DatabaseSync): void {
  database.exec("PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY; PRAGMA wal_checkpoint(TRUNCATE);");
}

function inTransaction<T>(connection: SqliteConnection, work: () => T): T {
  connection.run("BEGIN IMMEDIATE");
  try {
    const result = work();
    connection.run("COMMIT");
    return result;
  } catch (error) {
    if (connection.inTransaction) connection.run("ROLLBACK");
    throw error;
  }
}

/** Counts what each key has sealed, in steps of few rows that `run` runs. */
async function countAll(run: (step: (scope: Statements) => CountStep) => CountStep | Promise<CountStep>): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  let next: WalkPosition | null = null;
  do {
    const from: WalkPosition | null = next;
    const step: CountStep = await run((scope) => countSealed(scope, COUNTED_AT_ONCE, from));
    for (const [id, count] of step.counts) counts.set(id, (counts.get(id) ?? 0) + count);
    next = step.next;
  } while (next !== null);
  return counts;
}

/** Keeps the secrets of a file that only one process uses. */
export function createStoredSecrets(database: DatabaseSync, commits: GroupCommit, box: SecretBox): StoredSecrets {
  return {
    begin: () => commits.run((scope) => void begin(scope, box)),
    reseal: (limit, from) => commits.run((scope) => reseal(scope, box, limit, from)),
    ids: () => box.ids,
    count: () => countAll((step) => commits.run(step)),
    behind: async () => 0,
    async forget() {
      const forgotten = await commits.run(async (scope) => {
        const marker = readMarker(scope) as KeyMarker;
        const used = await countAll((step) => step(scope));
        const unused = Object.keys(marker.checks).filter((id) => id !== marker.current && !used.has(id));
        saveMarker(scope, withoutKeys(marker, unused));
        return unused;
      });
      scrub(database);
      return forgotten;
    },
  };
}

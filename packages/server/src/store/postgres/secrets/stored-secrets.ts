import type { PoolClient } from "pg";
import type { StoredSecrets, WalkPosition } from "../../contract/stored-secrets.ts";
import { checkKeys, followMarker, KEY_MARKER, type KeyMarker, withCurrentKey, withoutKeys } from "../../key-marker.ts";
import { ANYTHING, SEALED_TABLES } from "../../sealed-fields.ts";
import type { SecretBox } from "../../secret-box.ts";
import { ClientSession, type Session } from "../database/session.ts";
import { BEGIN, type Transactions } from "../transactions/transactions.ts";
import { countSealed, reseal } from "./reseal.ts";

/** The lock that makes nodes take turns when they start together: "CRBK". */
const LOCK = 0x43_52_42_4b;

/** Values sealed in one commit while an older database is upgraded. */
const BATCH = 500;

const MARKER = "SELECT value FROM settings WHERE name = $1";
const SAVE_MARKER = "INSERT INTO settings VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
/** Nodes that seal with another key, or with no key if they run an earlier version. */
const BEHIND = "SELECT count(*) AS count FROM nodes WHERE seen_at >= $1 AND key_id IS DISTINCT FROM $2";
const OLDER = `
  SELECT 1 FROM nodes WHERE key_id IS NULL AND seen_at >= (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $1::bigint LIMIT 1`;
const WAIT = "SELECT pg_sleep(0.1)";

type Statements = Pick<Session, "all" | "get" | "run">;

async function readMarker(session: Statements): Promise<KeyMarker | null> {
  return ((await session.get(MARKER, KEY_MARKER))?.value ?? null) as KeyMarker | null;
}

async function saveMarker(session: Statements, marker: KeyMarker): Promise<void> {
  await session.run(SAVE_MARKER, KEY_MARKER, JSON.stringify(marker));
}

/**
 * The marker with our current key as the sealing key, or only recorded as in use. Nodes do this one at a time.
 */
async function noteKey(session: Statements, box: SecretBox, how: { begin: boolean }): Promise<KeyMarker> {
  await session.get("SELECT pg_advisory_xact_lock($1)", LOCK);
  const marker = await readMarker(session);
  if (marker !== null) checkKeys(marker, box);
  const next = withCurrentKey(marker, box, how);
  if (next === null) return marker as KeyMarker;
  box.keys.keep();
  // An empty database has nothing in clear.
  const isNew = marker === null && (await session.get(ANYTHING)) === undefined;
  const saved = { ...next, sealed: next.sealed || isNew };
  await saveMarker(session, saved);
  return saved;
}

/**
 * Checks that our keys open the stored secrets, and seals what an earlier version left in clear, one batch for each
 * commit, so that another node can continue after an interruption. If nodes start together, one does it and the others
 * wait. It first waits until no node of an earlier version has been seen for `nodeGoneMs`: those cannot read sealed
 * values. Throws `UnfitDatabase` if our keys do not fit. `client` is a connection without a time limit for answers.
 */
export async function prepareSecrets(client: PoolClient, box: SecretBox, nodeGoneMs: number): Promise<void> {
  const { sealed } = await inTransaction(client, (session) => noteKey(session, box, { begin: true }));
  if (sealed) return;
  // Held for as long as the connection exists, because batches are committed one by one.
  await client.query("SELECT pg_advisory_lock($1)", [LOCK]);
  while ((await client.query(OLDER, [nodeGoneMs])).rows.length > 0) await client.query(WAIT);
  for (let next: WalkPosition | null = null; ; ) {
    const from: WalkPosition | null = next;
    next = (await inTransaction(client, (session) => reseal(session, box, BATCH, from))).next;
    if (next === null) break;
  }
  await inTransaction(client, async (session) => {
    const marker = (await readMarker(session)) as KeyMarker;
    await saveMarker(session, { ...marker, sealed: true });
  });
  await client.query("SELECT pg_advisory_unlock($1)", [LOCK]);
}

async function inTransaction<T>(client: PoolClient, work: (session: Session) => Promise<T>): Promise<T> {
  await client.query(BEGIN.committed);
  try {
    const result = await work(new ClientSession(client));
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/**
 * Switches to the key that all nodes have to seal with, once another node has started using it, and records that ours
 * is in use. Throws `UnfitDatabase` if the source of our keys does not have it.
 */
export async function followKeys(session: Session, box: SecretBox): Promise<void> {
  const marker = await readMarker(session);
  if (marker === null) return;
  followMarker(marker, box);
  if (withCurrentKey(marker, box, { begin: false }) !== null) await noteKey(session, box, { begin: false });
}

/** Keeps the secrets of a database that several nodes share. */
export function createStoredSecrets(transactions: Transactions, box: SecretBox): StoredSecrets {
  return {
    begin: () => transactions.run(BEGIN.committed, async (session) => void (await noteKey(session, box, { begin: true }))),
    reseal: (limit, from) => transactions.run(BEGIN.committed, (session) => reseal(session, box, limit, from)),
    ids: () => box.ids,
    count: () => transactions.run(BEGIN.looking, countSealed),
    behind: (seenSince) =>
      transactions.run(BEGIN.looking, async (session) => (await session.get(BEHIND, seenSince, box.current))?.count as number),
    forget: () =>
      transactions.run(BEGIN.committed, async (session) => {
        await session.get("SELECT pg_advisory_xact_lock($1)", LOCK);
        // Waits for writers, so that nothing is sealed under a key while it is counted.
        await session.run(`LOCK TABLE ${SEALED_TABLES.map(({ table }) => table).join(", ")} IN SHARE MODE`);
        const marker = (await readMarker(session)) as KeyMarker;
        const used = await countSealed(session);
        const unused = Object.keys(marker.checks).filter((id) => id !== marker.current && !used.has(id));
        await saveMarker(session, withoutKeys(marker, unused));
        return unused;
      }),
  };
}

import type { PruneRequest } from "../../store.ts";
import { repeatSteps } from "../database/repeat-steps.ts";
import type { Session } from "../database/session.ts";
import { BEGIN, type Transactions } from "../transactions/transactions.ts";
import { firstUnsettled, type Partition, type PartitionTimes, type PartitionWork, partitionWork } from "./partition.ts";

/** The lock that makes nodes take turns: "CRBP". */
const LOCK = 0x43_52_42_50;

/** The partitioned tables. */
const TABLES = ["events", "event_variants", "deliveries", "attempts"] as const;

/** How long it may take to remove the files of dropped partitions. */
const DROPPING_MS = 10 * 60_000;

/** The sequences, in the order in which a publish uses them. */
const SEQUENCES = ["event_numbers", "delivery_numbers"] as const;

const PARTITIONS = "SELECT * FROM partitions ORDER BY k";
const DRAWN = "SELECT e.last_value AS event, d.last_value AS delivery FROM event_numbers e, delivery_numbers d";
const PENDING_IN = "SELECT 1 FROM pending WHERE n >= $1 AND n < $2 LIMIT 1";
const OLDEST_PENDING = "SELECT min(d.event) AS event FROM pending q JOIN deliveries d ON d.n = q.n";
const EVENTS = "SELECT n, id FROM events WHERE n >= $1 AND n < $2 ORDER BY n LIMIT $3";

export interface PartitionRequest extends PartitionTimes, Pick<PruneRequest, "onHeldUp"> {
  /** The most ids that one call frees. */
  limit: number;
  /** How long to wait for other transactions' locks, milliseconds in all: later requests for these locks wait, too. */
  waitMs: number;
  /**
   * How long the search for pending deliveries may take, milliseconds. If that is not enough, nothing is deleted now.
   */
  lookMs: number;
}

/**
 * Makes the next partition, moves on to it when it is time, and deletes the oldest when it has expired: first the ids
 * of its events in batches, then the whole partition. One of several nodes does it. Returns how many events it deleted;
 * 1 for the whole partition.
 *
 * A delivery gets its number after its event, so the rows of an event are never in an older partition. So a partition
 * without events of pending deliveries has no pending deliveries either. Once the ids are deleted, its events cannot
 * get new deliveries: a transaction that found the event has locked its id.
 */
export async function keepPartitions(transactions: Transactions, request: PartitionRequest): Promise<number> {
  const step = () => transactions.run(BEGIN.committed, (session) => takeStep(session, request), { commitMs: DROPPING_MS });
  return repeatSteps(step, (why) => request.onHeldUp?.(why));
}

/** Does the next step. Returns null if there is none, or another node does it; `gone` once something was deleted. */
async function takeStep(session: Session, request: PartitionRequest): Promise<{ gone: number | null } | null> {
  if ((await session.get("SELECT pg_try_advisory_xact_lock($1) AS ours", LOCK))?.ours !== true) return null;
  const partitions = (await session.all(PARTITIONS)).map(
    (row): Partition => ({
      k: row.k as number,
      first: row.first as number,
      past: row.past as number,
      openedAt: row.opened_at as number | null,
      closedAt: row.closed_at as number | null,
      settled: row.settled as boolean,
      forgotten: row.forgotten as number | null,
    }),
  );
  const { event, delivery } = (await session.get(DRAWN)) as { event: number; delivery: number };
  const unsettled = firstUnsettled(partitions);
  const pending = unsettled !== null && (await isPendingIn(session, unsettled));
  const work = partitionWork(partitions, { event, delivery }, pending, request);
  return work === null ? null : await perform(session, work, request);
}

async function perform(session: Session, work: PartitionWork, request: PartitionRequest): Promise<{ gone: number | null } | null> {
  switch (work.do) {
    case "make":
      await waitForEachAtMost(session, request.waitMs);
      await session.get("SELECT make_partition()");
      return { gone: null };
    case "open":
      await session.run("UPDATE partitions SET opened_at = $2 WHERE k = $1", work.partition.k, request.now);
      return { gone: null };
    case "settle":
      await session.run("UPDATE partitions SET settled = true WHERE k = $1", work.partition.k);
      // A delivery was released from quarantine meanwhile, before the row was locked.
      if (await isPendingIn(session, work.partition))
        await session.run("UPDATE partitions SET settled = false WHERE k = $1", work.partition.k);
      return { gone: null };
    case "move on":
      await moveOn(session, work.partition, request);
      return { gone: null };
    case "forget":
      // Its beginning was checked. The rest is checked before the drop.
      if (work.partition.forgotten === null && (await isPendingOf(session, work.partition, request.lookMs))) return null;
      return forget(session, work.partition, work.from, request);
    case "drop":
      if (await isPendingOf(session, work.partition, request.lookMs)) return null;
      await drop(session, work.partition, request.waitMs);
      return { gone: 1 };
  }
}

/**
 * From now on takes numbers from the next partition. Altering a sequence waits for every transaction that has used it,
 * so nothing is written to the old partition afterwards. The change is rolled back if this transaction fails.
 */
async function moveOn(session: Session, { k, past }: Partition, { now, waitMs }: PartitionRequest): Promise<void> {
  await waitForEachAtMost(session, waitMs / SEQUENCES.length);
  for (const sequence of SEQUENCES) {
    // Changes nothing, but prevents others from taking numbers while the last one is read.
    await session.run(`ALTER SEQUENCE ${sequence} NO CYCLE`);
    const drawn = (await session.get(`SELECT last_value FROM ${sequence}`))?.last_value as number;
    if (drawn < past) await session.run(`ALTER SEQUENCE ${sequence} RESTART WITH ${past}`);
  }
  await session.run("UPDATE partitions SET closed_at = $2 WHERE k = $1", k, now);
  await session.run("UPDATE partitions SET opened_at = $2 WHERE k = $1", k + 1, now);
}

async function isPendingIn(session: Session, { first, past }: Partition): Promise<boolean> {
  return (await session.get(PENDING_IN, first, past)) !== undefined;
}

/** Whether a delivery of an event in this partition or an older one is pending. Reads all pending deliveries. */
async function isPendingOf(session: Session, { past }: Partition, lookMs: number): Promise<boolean> {
  await session.run(`SET LOCAL statement_timeout = ${Math.ceil(lookMs)}`);
  const oldest = (await session.get(OLDEST_PENDING))?.event as number | null;
  await session.run("SET LOCAL statement_timeout = 0");
  return oldest !== null && oldest < past;
}

async function forget(
  session: Session,
  { k, past }: Partition,
  from: number,
  { limit, waitMs }: PartitionRequest,
): Promise<{ gone: number | null }> {
  // Waits for transactions that add deliveries to them.
  await waitForEachAtMost(session, waitMs);
  const events = await session.all(EVENTS, from, past, limit);
  const ids = events.map(({ id }) => id as string);
  await session.run("DELETE FROM event_ids WHERE id = ANY($1::text[]) AND n < $2", ids, past);
  const last = events.at(-1)?.n as number | undefined;
  const forgotten = last === undefined || events.length < limit ? past : last + 1;
  await session.run("UPDATE partitions SET forgotten = $2 WHERE k = $1", k, forgotten);
  return { gone: events.length === 0 ? null : events.length };
}

async function drop(session: Session, { k }: Partition, waitMs: number): Promise<void> {
  const own = TABLES.map((table) => `${table}_${k}`).join(", ");
  // Autovacuum may hold it for long, and nothing should wait for that.
  await session.run(`LOCK TABLE ${own} IN SHARE UPDATE EXCLUSIVE MODE NOWAIT`);
  await waitForEachAtMost(session, waitMs / TABLES.length);
  await session.run(`LOCK TABLE ${TABLES.map((table) => `ONLY ${table}`).join(", ")} IN ACCESS EXCLUSIVE MODE`);
  await session.run(`DROP TABLE ${own}`);
  await session.run("DELETE FROM partitions WHERE k = $1", k);
}

/** Counts for each table, or row, that another transaction holds. */
async function waitForEachAtMost(session: Session, ms: number): Promise<void> {
  await session.run(`SET LOCAL lock_timeout = ${Math.ceil(ms)}`);
}

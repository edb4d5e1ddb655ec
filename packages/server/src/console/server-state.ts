import type { Limits } from "../limits.ts";
import { packageVersion } from "../operations/package-version.ts";
import { seconds } from "../operations/time-range.ts";
import type { ThroughputFilter } from "../store/contract/figure-reads.ts";
import type { Json, JsonObject } from "../store/contract/rows.ts";
import type { Reads } from "../store/contract/transaction.ts";

/** The state of the whole server, for its operators. Times are Unix seconds, sizes bytes. */
export async function serverState(reads: Reads, now: number, limits: Limits): Promise<JsonObject> {
  const { engine, version, schema, settings, bytes, freeBytes, logBytes, tables, nodes } = await reads.storage();
  const backlog = await reads.backlog(now, limits.waitingCounted);
  return {
    object: "system",
    scope: "server",
    version: packageVersion(),
    now: seconds(now),
    store: { engine, version, schema, settings },
    disk: { bytes, free_bytes: freeBytes, log_bytes: logBytes, tables },
    nodes: nodes.map(({ name, version, roles, startedAt, seenAt }) => ({
      name,
      version,
      roles,
      started_at: startedAt === null ? null : seconds(startedAt),
      seen_at: seconds(seenAt),
    })),
    deliveries: {
      due: backlog.due,
      more_due: backlog.due >= limits.waitingCounted,
      oldest_due_at: backlog.oldestDueAt === null ? null : seconds(backlog.oldestDueAt),
      quarantined: await reads.countQuarantined(),
    },
    throughput: await throughputState(reads, null, now, limits),
    endpoints: { failing: backlog.failingEndpoints, disabled: backlog.disabledEndpoints },
    limits: { ...limits } as { [name: string]: Json },
  };
}

/**
 * The results of the newest deliveries, of one owner or of all: how many were made from `since` until now, and how many
 * of these were delivered. On a busy server the count starts later.
 */
export async function throughputState(
  reads: Pick<Reads, "throughput">,
  owner: ThroughputFilter["owner"],
  now: number,
  { throughputDeliveries, throughputMs }: Pick<Limits, "throughputDeliveries" | "throughputMs">,
): Promise<JsonObject> {
  const from = now - throughputMs;
  const { deliveries, succeeded, oldestAt } = await reads.throughput({ owner, since: from }, throughputDeliveries);
  const since = deliveries < throughputDeliveries || oldestAt === null ? from : oldestAt;
  const ms = Math.max(1, now - since);
  return { since: seconds(since), deliveries, delivered: succeeded, per_second: Math.round((deliveries / ms) * 100_000) / 100 };
}

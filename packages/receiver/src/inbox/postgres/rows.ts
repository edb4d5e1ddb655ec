import type { Claim, InboxEvent, Order } from "../inbox.ts";

/** A row of `carabiner_events`. Integers come as text: they may exceed JavaScript's. */
export interface EventRow {
  number: string;
  source: string;
  livemode: boolean;
  account: string;
  id: string;
  type: string;
  object_id: string;
  created: string;
  rank: number;
  endpoint: string;
  api_version: string | null;
  body: Uint8Array;
  received_at: string;
}

/** The columns of an event, from the table as `e`, that are the same whichever endpoint's bytes are used. */
export const EVENT_COLUMNS = "e.number, e.source, e.livemode, e.account, e.id, e.type, e.object_id, e.created, e.rank";

/** The columns of a claim. */
export interface ClaimRow extends EventRow {
  handler: string;
  fence: string;
  lease_until: string;
  attempts: number;
  sequence: Order;
  order_key: string;
  forced: boolean;
  mark_created: string | null;
  mark_ended: boolean | null;
  newer_waits: boolean;
  left_at: string | null;
}

export function eventOf(row: EventRow): InboxEvent {
  return {
    source: row.source,
    livemode: row.livemode,
    account: row.account === "" ? null : row.account,
    id: row.id,
    type: row.type,
    objectId: row.object_id,
    created: Number(row.created),
    rank: row.rank,
    endpoint: row.endpoint,
    apiVersion: row.api_version,
    body: row.body,
    receivedAt: Number(row.received_at),
  };
}

export function claimOf(row: ClaimRow): Claim {
  return {
    number: Number(row.number),
    handler: row.handler,
    fence: Number(row.fence),
    leaseUntil: Number(row.lease_until),
    attempt: row.attempts,
    order: row.sequence,
    orderKey: row.order_key,
    forced: row.forced,
    event: eventOf(row),
    mark: row.mark_created === null ? null : { created: Number(row.mark_created), ended: row.mark_ended === true },
    newerWaits: row.newer_waits,
    accountLeftAt: row.left_at === null ? null : Number(row.left_at),
  };
}

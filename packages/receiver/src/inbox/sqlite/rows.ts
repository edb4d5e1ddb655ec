import type { Claim, InboxEvent, Mark, Order } from "../inbox.ts";

/** A row as `node:sqlite` returns it. */
export type Row = Record<string, unknown>;

/** The columns of `carabiner_events e` that make an event. */
export const EVENT_COLUMNS =
  "e.number, e.source, e.livemode, e.account, e.id, e.type, e.object_id, e.created AS event_created, e.rank AS event_rank, e.endpoint, e.api_version, e.body, e.received_at";

/** A row with `EVENT_COLUMNS`, as the contract's event. */
export function eventOf(row: Row): InboxEvent {
  return {
    source: String(row.source),
    livemode: row.livemode === 1,
    account: row.account === "" ? null : String(row.account),
    id: String(row.id),
    type: String(row.type),
    objectId: String(row.object_id),
    created: Number(row.event_created),
    rank: Number(row.event_rank),
    endpoint: String(row.endpoint),
    apiVersion: row.api_version === null ? null : String(row.api_version),
    body: row.body as Uint8Array,
    receivedAt: Number(row.received_at),
  };
}

export function claimOf(row: Row): Claim {
  const mark: Mark | null = row.mark_created === null ? null : { created: Number(row.mark_created), ended: row.mark_ended === 1 };
  return {
    number: Number(row.number),
    handler: String(row.handler),
    fence: Number(row.fence),
    leaseUntil: Number(row.lease_until),
    attempt: Number(row.attempts),
    order: row.sequence as Order,
    orderKey: String(row.order_key),
    forced: row.forced === 1,
    event: eventOf(row),
    mark,
    newerWaits: row.newer_waits === 1,
    accountLeftAt: row.left_at === null ? null : Number(row.left_at),
  };
}

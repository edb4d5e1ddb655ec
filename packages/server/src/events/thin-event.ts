import type { ThinEventType } from "@carabiner/protocol";
import type { EventRow, JsonObject } from "../store/contract/rows.ts";
import type { EventRequest } from "./render-event.ts";

/** The content of a thin event. */
export interface ThinContent {
  id: string;
  type: ThinEventType;
  /** Unix milliseconds. */
  created: number;
  livemode: boolean;
  /** What it is about; null for nothing that can be fetched. */
  related: JsonObject | null;
  /** The whole event about the same change; null when there is none. */
  snapshotId: string | null;
  changes: ThinChanges | null;
  data: JsonObject | null;
  /** Null if it was not caused by a request. */
  request: EventRequest | null;
}

/** What changed in the related object: the values that differ, before and after. */
export interface ThinChanges {
  before: JsonObject | null;
  after: JsonObject | null;
}

/**
 * What a thin event contains when it is sent. The rest must be fetched. Source:
 * https://docs.stripe.com/event-destinations
 */
const SENT = ["id", "object", "type", "livemode", "created", "related_object", "snapshot_event"] as const;

/** A thin event with everything that can be fetched. Source: https://docs.stripe.com/api/v2/core/events/object */
export function thinEvent(content: ThinContent): JsonObject {
  const { id, type, created, livemode, related, snapshotId, changes, data, request } = content;
  return {
    id,
    object: "v2.core.event",
    ...(changes === null ? {} : { changes: { before: changes.before, after: changes.after } }),
    created: new Date(created).toISOString(),
    ...(data === null ? {} : { data }),
    livemode,
    ...(request?.id == null
      ? {}
      : { reason: { type: "request", request: { id: request.id, idempotency_key: request.idempotencyKey ?? "" } } }),
    ...(related === null ? {} : { related_object: related }),
    ...(snapshotId === null ? {} : { snapshot_event: snapshotId }),
    type,
  };
}

/**
 * A recorded thin event as the API returns it. `context` names the account it happened on, for readers to whom that is
 * not their own account.
 */
export function thinEventAnswer(row: EventRow, asConnected: boolean): JsonObject {
  const event = JSON.parse(Buffer.from(row.body).toString()) as JsonObject;
  return asConnected ? { ...event, context: row.accountId } : event;
}

/** The bytes of a recorded thin event as sent: two spaces deep, UTF-8. */
export function renderNotification(row: EventRow, asConnected: boolean): Uint8Array {
  const event = thinEventAnswer(row, asConnected);
  const sent: JsonObject = {};
  for (const field of SENT) if (event[field] !== undefined) sent[field] = event[field];
  if (event.context !== undefined) sent.context = event.context;
  return Buffer.from(JSON.stringify(sent, null, 2));
}

/** The name of a notification's rendering. */
export function notificationName(asConnected: boolean): string {
  return asConnected ? "thin/connected" : "thin/own";
}

import { Buffer } from "node:buffer";
import { type ApiVersion, isApiVersion, isBefore, LATEST_API_VERSION } from "@carabiner/protocol";
import type { EventRow, JsonObject } from "../store/contract/rows.ts";

/** An event's content, before it is rendered. */
export interface EventContent {
  id: string;
  accountId: string;
  /** Unix milliseconds. */
  created: number;
  livemode: boolean;
  type: string;
  object: JsonObject;
  previousAttributes: JsonObject | undefined;
  /** The number of its endpoints when it was made. */
  pendingWebhooks: number;
  /** Null if no request caused it. */
  request: EventRequest | null;
}

/** The request that caused an event. */
export interface EventRequest {
  id: string | null;
  idempotencyKey: string | null;
}

/** The audience of a rendering. */
export interface Rendering {
  /** Null on `account.application.*` events that earlier versions stored. */
  apiVersion: ApiVersion | null;
  /** Whether to include `account`: for recipients to whom the account is a connected one. */
  asConnected: boolean;
}

/** Before this version `request` was only the request's id. Source: https://docs.stripe.com/changelog, 2017-05-25 */
const REQUEST_HASH_SINCE: ApiVersion = "2017-05-25";

/** The bytes of an event as sent, with keys in Stripe's order: JSON, two spaces deep, UTF-8. */
export function renderEvent(content: EventContent, rendering: Rendering): Uint8Array {
  return Buffer.from(JSON.stringify(eventObject(content, rendering), null, 2));
}

/** The name of a rendering. Equal renderings have the same name. */
export function renderingName({ apiVersion, asConnected }: Rendering): string {
  return `${apiVersion ?? "none"}/${asConnected ? "connected" : "own"}`;
}

/** A recorded event in another rendering, its `pending_webhooks` as when it was made. */
export function renderAgain(row: EventRow, rendering: Rendering): Uint8Array {
  const { created, data, pending_webhooks, request } = JSON.parse(Buffer.from(row.body).toString()) as {
    created: number;
    data: { object: JsonObject; previous_attributes?: JsonObject };
    pending_webhooks: number;
    request: string | null | { id: string | null; idempotency_key: string | null };
  };
  const requestId = typeof request === "string" ? request : (request?.id ?? null);
  const idempotencyKey = typeof request === "string" ? null : (request?.idempotency_key ?? null);
  return renderEvent(
    {
      id: row.id,
      accountId: row.accountId,
      created: created * 1000,
      livemode: row.livemode,
      type: row.type,
      object: data.object,
      previousAttributes: data.previous_attributes,
      pendingWebhooks: pending_webhooks,
      request: { id: requestId, idempotencyKey },
    },
    rendering,
  );
}

/** `version` if it was published, otherwise the latest. */
export function knownVersion(version: string | undefined): ApiVersion {
  return version !== undefined && isApiVersion(version) ? version : LATEST_API_VERSION;
}

function eventObject(content: EventContent, { apiVersion, asConnected }: Rendering): JsonObject {
  return {
    id: content.id,
    object: "event",
    ...(asConnected ? { account: content.accountId } : {}),
    api_version: apiVersion,
    created: Math.floor(content.created / 1000),
    data: {
      object: content.object,
      ...(content.previousAttributes === undefined ? {} : { previous_attributes: content.previousAttributes }),
    },
    livemode: content.livemode,
    pending_webhooks: content.pendingWebhooks,
    request: requestField(content, apiVersion),
    type: content.type,
  };
}

function requestField({ request }: EventContent, apiVersion: ApiVersion | null): JsonObject | string | null {
  if (apiVersion === null) return null;
  if (isBefore(apiVersion, REQUEST_HASH_SINCE)) return request?.id ?? null;
  return { id: request?.id ?? null, idempotency_key: request?.idempotencyKey ?? null };
}

/**
 * A recorded event as the API returns it: always in the version that it was recorded in, with the number of endpoints
 * that have not received it yet, and with `account` when the platform requests it.
 */
export function eventAnswer(row: EventRow, now: { pendingWebhooks: number; asConnected: boolean }): JsonObject {
  const { id, object, account: _, ...rest } = JSON.parse(Buffer.from(row.body).toString()) as JsonObject;
  return {
    id: id as string,
    object: object as string,
    ...(now.asConnected ? { account: row.accountId } : {}),
    ...rest,
    pending_webhooks: now.pendingWebhooks,
  };
}

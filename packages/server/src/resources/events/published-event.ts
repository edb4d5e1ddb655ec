import { isDeepStrictEqual } from "node:util";
import {
  APPLICATION_TYPES,
  type ApiVersion,
  apiError,
  isApiVersion,
  isEndpointEventType,
  isEventType,
  isUnlistedEventType,
} from "@carabiner/protocol";
import type { EventRequest } from "../../events/render-event.ts";
import type { Limits } from "../../limits.ts";
import { isHash } from "../../operations/merge-change.ts";
import type { Settings } from "../../operations/operation.ts";
import type { EventRow, Json, JsonObject } from "../../store/contract/rows.ts";
import { isCustomEventType } from "./custom-event-type.ts";

/**
 * An event submitted for publishing: the fields of a custom event, or a whole event as Stripe wrote it. Stripe's fields
 * about its own delivery (`pending_webhooks`, `context`) are ignored.
 */
export interface EventGiven {
  id?: string;
  object?: "event";
  account?: string | null;
  api_version?: string | null;
  context?: string | null;
  /** Unix seconds. */
  created?: number;
  data?: { object?: Json; previous_attributes?: Json };
  livemode?: boolean;
  pending_webhooks?: number;
  request?: Json;
  type?: string;
}

/** A validated event to publish. */
export interface PublishedEvent {
  /** Undefined: a new id is generated. */
  id: string | undefined;
  /** The account it names; undefined: the call's account. */
  accountId: string | undefined;
  /** The caller's names for its fields, made only for messages. */
  named: Named;
  /** Undefined: the recipient's version. */
  apiVersion: ApiVersion | undefined;
  /** Unix milliseconds; undefined: now. */
  created: number | undefined;
  object: JsonObject;
  previousAttributes: JsonObject | undefined;
  /** Null: no request. Undefined: the request that publishes it. */
  request: EventRequest | null | undefined;
  type: string;
}

/** The caller's name for a field: `events[3][type]` for `type`. */
type Named = (name: string) => string;

/** The context in which an event is validated. */
interface Judging {
  now: number;
  livemode: boolean;
  limits: Limits;
  settings: Settings;
}

/** Validates a submitted event. Throws an error of the table that names the invalid parameter. */
export function publishedEvent(given: EventGiven, at: Named, { now, livemode, settings }: Judging): PublishedEvent {
  const { id, created } = given;
  const type = typeGiven(given.type, at, settings);
  if (given.data === undefined) throw apiError("parameter_missing", { param: at("data") });
  const { object, previous_attributes: previous } = given.data;
  if (!isHash(object) || typeof object.object !== "string") throw apiError("event_object_invalid", { param: at("data[object]") });
  if (previous !== undefined && previous !== null && !isHash(previous))
    throw apiError("parameter_invalid_object", { param: at("data[previous_attributes]") });
  if (id !== undefined && !/^evt_[A-Za-z0-9_]{8,64}$/.test(id)) throw apiError("event_id_invalid", { param: at("id") });
  const latest = Math.floor(now / 1000);
  if (created !== undefined && created > latest) throw apiError("parameter_out_of_range", { param: at("created"), min: 0, max: latest });
  if (given.livemode !== undefined && given.livemode !== livemode) {
    const [mode, other] = livemode ? ["live", "test"] : ["test", "live"];
    throw apiError("event_in_other_mode", { mode, other, param: at("livemode") });
  }
  return {
    id,
    accountId: given.account ?? undefined,
    named: at,
    apiVersion: versionGiven(given.api_version ?? undefined, at),
    created: created === undefined ? undefined : created * 1000,
    object,
    previousAttributes: isHash(previous) ? previous : undefined,
    request: requestGiven(given.request, at),
    type,
  };
}

function typeGiven(type: string | undefined, at: Named, { allowCustomEventTypes }: Settings): string {
  if (type === undefined) throw apiError("parameter_missing", { param: at("type") });
  if (APPLICATION_TYPES.has(type) || isEndpointEventType(type)) throw apiError("event_type_reserved", { param: at("type"), type });
  if (isEventType(type) || isUnlistedEventType(type) || (allowCustomEventTypes && isCustomEventType(type))) return type;
  throw apiError("event_type_unknown", { param: at("type"), type });
}

/** A published version, without the betas that follow it. */
function versionGiven(given: string | undefined, at: Named): ApiVersion | undefined {
  if (given === undefined) return undefined;
  const version = given.split(";", 1)[0]?.trimEnd() ?? "";
  if (!isApiVersion(version)) throw apiError("api_version_invalid", { version: given.slice(0, 40), param: at("api_version") });
  return version;
}

/** The request in an event: a hash or, in older versions, only its id. */
function requestGiven(given: Json | undefined, at: Named): EventRequest | null | undefined {
  if (given === undefined) return undefined;
  if (given === null || given === "") return null;
  if (typeof given === "string") return { id: given, idempotencyKey: null };
  const text = (value: Json | undefined): string | null => {
    if (value === undefined || value === null || value === "") return null;
    if (typeof value !== "string") throw apiError("parameter_invalid_object", { param: at("request") });
    return value;
  };
  const known = isHash(given) && Object.keys(given).every((key) => key === "id" || key === "idempotency_key");
  if (!known) throw apiError("parameter_invalid_object", { param: at("request") });
  return { id: text(given.id), idempotencyKey: text(given.idempotency_key) };
}

/**
 * The time from which an event is kept and listed: its creation or, if that is beyond the retention period, now. Unix
 * milliseconds.
 */
export function keptSince({ created }: PublishedEvent, { now, limits }: Pick<Judging, "now" | "limits">): number {
  return created === undefined || created < now - limits.eventsKeptMs ? now : created;
}

/**
 * Whether a recorded event equals a submitted one: same account, mode, type and content. Creation time, version and
 * request are compared only if given.
 */
export function isSameEvent(row: EventRow, event: PublishedEvent, owner: { accountId: string; livemode: boolean }): boolean {
  if (row.accountId !== owner.accountId || row.livemode !== owner.livemode || row.type !== event.type) return false;
  const body = JSON.parse(Buffer.from(row.body).toString()) as JsonObject;
  if (event.created !== undefined && Math.floor(event.created / 1000) !== body.created) return false;
  if (event.apiVersion !== undefined && event.apiVersion !== body.api_version) return false;
  const recorded = requestGiven(body.request, (name) => name) ?? null;
  if (event.request !== undefined && !isDeepStrictEqual(requestOf(event.request), requestOf(recorded))) return false;
  return isDeepStrictEqual(body.data, dataOf(event));
}

/** Whether two events submitted together are the same. */
export function isSamePublished(one: PublishedEvent, other: PublishedEvent): boolean {
  const compared = ({ accountId, apiVersion, created, request, type }: PublishedEvent) => ({
    accountId,
    apiVersion,
    created,
    request: request === undefined ? undefined : requestOf(request),
    type,
  });
  return isDeepStrictEqual(compared(one), compared(other)) && isDeepStrictEqual(dataOf(one), dataOf(other));
}

/** Normalizes a request: one without id and key renders like no request. */
function requestOf(request: EventRequest | null): EventRequest {
  return request ?? { id: null, idempotencyKey: null };
}

function dataOf({ object, previousAttributes }: PublishedEvent): JsonObject {
  return JSON.parse(JSON.stringify({ object, previous_attributes: previousAttributes })) as JsonObject;
}

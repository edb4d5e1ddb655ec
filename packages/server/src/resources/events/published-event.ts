import { isDeepStrictEqual } from "node:util";
import { APPLICATION_TYPES, apiError, isEndpointEventType, isEventType } from "@carabiner/protocol";
import type { Limits } from "../../limits.ts";
import { isHash } from "../../operations/merge-change.ts";
import type { Settings } from "../../operations/operation.ts";
import type { EventRow, Json, JsonObject } from "../../store/contract/rows.ts";
import { isCustomEventType } from "./custom-event-type.ts";

/** An event as it is handed in to be published. */
export interface EventGiven {
  id?: string;
  type?: string;
  /** Unix seconds. */
  created?: number;
  data?: { object?: Json; previous_attributes?: Json };
}

/** An event that may be published. */
export interface PublishedEvent {
  /** Undefined: one is made. */
  id: string | undefined;
  /** What the caller calls `id`, for messages. */
  idParam: string;
  type: string;
  /** Unix milliseconds; undefined: now. */
  created: number | undefined;
  object: JsonObject;
  previousAttributes: JsonObject | undefined;
}

/**
 * An event as handed in, if it may be published. Throws an error of the table that names the parameter at fault;
 * `at` gives its full name, such as `events[3][type]` for `type`.
 */
export function publishedEvent(
  given: EventGiven,
  at: (name: string) => string,
  { now, limits, settings }: { now: number; limits: Limits; settings: Settings },
): PublishedEvent {
  const { id, type, created } = given;
  if (type === undefined) throw apiError("parameter_missing", { param: at("type") });
  if (APPLICATION_TYPES.has(type) || isEndpointEventType(type)) throw apiError("event_type_reserved", { param: at("type"), type });
  if (!isEventType(type) && !(settings.allowCustomEventTypes && isCustomEventType(type)))
    throw apiError("event_type_unknown", { param: at("type"), type });
  if (given.data === undefined) throw apiError("parameter_missing", { param: at("data") });
  const { object, previous_attributes: previous } = given.data;
  if (!isHash(object) || typeof object.object !== "string") throw apiError("event_object_invalid", { param: at("data[object]") });
  if (previous !== undefined && previous !== null && !isHash(previous))
    throw apiError("parameter_invalid_object", { param: at("data[previous_attributes]") });
  if (id !== undefined && !/^evt_[A-Za-z0-9_]{8,64}$/.test(id)) throw apiError("event_id_invalid", { param: at("id") });
  const earliest = Math.ceil((now - limits.eventsKeptMs) / 1000);
  const latest = Math.floor(now / 1000);
  if (created !== undefined && (created < earliest || created > latest))
    throw apiError("parameter_out_of_range", { param: at("created"), min: earliest, max: latest });
  return {
    id,
    idParam: at("id"),
    type,
    created: created === undefined ? undefined : created * 1000,
    object,
    previousAttributes: isHash(previous) ? previous : undefined,
  };
}

/** Whether a recorded event is the one handed in again: same account, mode, type and content. `created` counts where it is given. */
export function isSameEvent(row: EventRow, event: PublishedEvent, owner: { accountId: string; livemode: boolean }): boolean {
  if (row.accountId !== owner.accountId || row.livemode !== owner.livemode || row.type !== event.type) return false;
  if (event.created !== undefined && event.created !== row.created) return false;
  const { data } = JSON.parse(Buffer.from(row.body).toString()) as { data: JsonObject };
  return isDeepStrictEqual(data, dataOf(event));
}

/** Whether two events handed in together are one and the same. */
export function isSamePublished(one: PublishedEvent, other: PublishedEvent): boolean {
  return one.type === other.type && one.created === other.created && isDeepStrictEqual(dataOf(one), dataOf(other));
}

function dataOf({ object, previousAttributes }: PublishedEvent): JsonObject {
  return JSON.parse(JSON.stringify({ object, previous_attributes: previousAttributes })) as JsonObject;
}

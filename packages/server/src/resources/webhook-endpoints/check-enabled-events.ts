import {
  apiError,
  ENDPOINT_EVENT_TYPES,
  EVENT_TYPES,
  isEndpointEventType,
  isEventType,
  isThinEventType,
  isThinName,
  isUnlistedEventType,
  THIN_EVENT_TYPES,
} from "@carabiner/protocol";
import type { Settings } from "../../operations/operation.ts";
import type { EventPayload } from "../../store/contract/rows.ts";
import { isCustomEventType } from "../events/custom-event-type.ts";

/** Throws unless each of an endpoint's `enabled_events` is a type of event that it can receive. */
export function checkEnabledEvents(types: readonly string[], payload: EventPayload, settings: Settings): void {
  if (types.length === 0) throw apiError("parameter_invalid_empty", { param: "enabled_events" });
  for (const [position, type] of types.entries()) {
    if (payload === "thin" ? isThinEventType(type) : type === "*" || isSnapshotType(type, settings)) continue;
    const param = `enabled_events[${position}]`;
    if (payload === "thin" && type === "*") throw apiError("event_destination_all_thin", { param });
    if (payload === "thin" && isSnapshotType(type, settings))
      throw apiError("event_destination_payloads_mixed", { param, type, payload: "snapshot", other: "thin" });
    if (payload === "snapshot" && isThinName(type) && isThinEventType(type))
      throw apiError("event_destination_payloads_mixed", { param, type, payload: "thin", other: "snapshot" });
    const known = payload === "thin" ? THIN_EVENT_TYPES : [...EVENT_TYPES, ...ENDPOINT_EVENT_TYPES, "*"];
    throw apiError("parameter_invalid_enum", { param, values: known.join(", ") });
  }
}

function isSnapshotType(type: string, { allowCustomEventTypes }: Settings): boolean {
  if (isEventType(type) || isUnlistedEventType(type) || isEndpointEventType(type)) return true;
  return allowCustomEventTypes && isCustomEventType(type);
}

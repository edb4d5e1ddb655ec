import { APPLICATION_TYPES, apiError, EVENT_TYPES, type EventType, isEventType, objectOf, sampleObject } from "@carabiner/protocol";
import { operation, type Resource } from "../operations/operation.ts";
import { listAnswer, params } from "../operations/parameters.ts";
import { seconds } from "../operations/time-range.ts";
import type { JsonObject } from "../store/contract/rows.ts";

/** The types of the catalogue that can be published, each with a sample of the object that its events carry. */
export const eventTypes: Resource = {
  object: "event_type",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/console/event_types",
      params: params({}),
      async run() {
        return listAnswer("/console/event_types", EVENT_TYPES.filter(isPublishable).map(typeAnswer), false);
      },
    }),
    operation({
      method: "GET",
      path: "/console/event_types/:type",
      params: params({}),
      async run({ now, livemode }, _, { type = "" }) {
        if (!isEventType(type) || !isPublishable(type))
          throw apiError("resource_missing", { object: "event type", id: type, param: "type" });
        return { ...typeAnswer(type), sample: sampleObject(type, seconds(now), livemode) as JsonObject };
      },
    }),
  ],
};

/** Whether everyone may publish it: only the server may tell applications who connected to them. */
const isPublishable = (type: EventType): boolean => !APPLICATION_TYPES.has(type);

function typeAnswer(type: EventType): JsonObject {
  return { id: type, object: "event_type", data_object: objectOf(type) };
}

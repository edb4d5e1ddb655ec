import { apiError } from "@carabiner/protocol";
import { type OperationContext, operation, type Resource } from "../resources/operation.ts";
import { choice, listAnswer, optional, pageProperties, params, text } from "../resources/parameters.ts";
import type { AttemptRow, DeliveryRow, JsonObject } from "../store/store.ts";

/** Deliveries and their attempts, as the owner of the endpoint sees them. */
export const deliveries: Resource = {
  object: "delivery",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/console/deliveries",
      params: params({
        ...pageProperties,
        endpoint: optional(text()),
        event: optional(text()),
        state: optional(choice(["pending", "succeeded", "exhausted", "cancelled"])),
      }),
      async run(context, given) {
        const { tx, account, livemode, limits } = context;
        for (const param of ["starting_after", "ending_before"] as const) {
          const cursor = given[param];
          if (cursor !== undefined) await ownDelivery(context, cursor, param);
        }
        if (given.starting_after !== undefined && given.ending_before !== undefined)
          throw apiError("parameters_exclusive", { param: "starting_after", other: "ending_before" });
        const { rows, hasMore } = await tx.deliveries(
          {
            accountId: account.id,
            livemode,
            ...(given.endpoint === undefined ? {} : { endpointId: given.endpoint }),
            ...(given.event === undefined ? {} : { eventId: given.event }),
            ...(given.state === undefined ? {} : { state: given.state }),
          },
          {
            limit: given.limit ?? limits.listItemsDefault,
            ...(given.starting_after === undefined ? {} : { startingAfter: given.starting_after }),
            ...(given.ending_before === undefined ? {} : { endingBefore: given.ending_before }),
          },
        );
        return listAnswer("/console/deliveries", rows.map(deliveryAnswer), hasMore);
      },
    }),
    operation({
      method: "GET",
      path: "/console/deliveries/:delivery",
      params: params({}),
      async run(context, _, { delivery }) {
        const row = await ownDelivery(context, delivery ?? "", "delivery");
        const attempts = await context.tx.attempts(row.id);
        return { ...deliveryAnswer(row), attempts: attempts.map(attemptAnswer) };
      },
    }),
  ],
};

async function ownDelivery({ tx, account, livemode }: OperationContext, id: string, param: string): Promise<DeliveryRow> {
  const row = await tx.delivery(id);
  if (row === null || row.accountId !== account.id || row.livemode !== livemode)
    throw apiError("resource_missing", { object: "delivery", id, param });
  return row;
}

/** A delivery as the console answers it: times in Unix seconds. */
export function deliveryAnswer(row: DeliveryRow): JsonObject {
  return {
    id: row.id,
    object: "delivery",
    kind: row.kind,
    event: row.eventId,
    event_type: row.eventType,
    account: row.eventAccountId,
    livemode: row.eventLivemode,
    webhook_endpoint: row.endpointId,
    state: row.state,
    attempt_count: row.attempts,
    created: seconds(row.created),
    next_attempt_at: row.nextAttemptAt === null ? null : seconds(row.nextAttemptAt),
    settled_at: row.settledAt === null ? null : seconds(row.settledAt),
  };
}

function attemptAnswer(row: AttemptRow): JsonObject {
  return {
    number: row.number,
    at: seconds(row.at),
    duration_ms: row.durationMs,
    outcome: row.outcome,
    status: row.status,
    reason: row.reason,
    request_headers: row.requestHeaders,
    response_headers: row.responseHeaders,
    response_body: row.responseBody,
  };
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}

import { type OperationContext, operation, type Resource } from "../operations/operation.ts";
import { listAnswer, params } from "../operations/parameters.ts";
import { seconds } from "../operations/time-range.ts";
import { allEndpoints } from "../resources/webhook-endpoints/all-endpoints.ts";
import { holdNow } from "../resources/webhook-endpoints/render-health.ts";
import type { EndpointFailures, EndpointRow, JsonObject } from "../store/contract/rows.ts";
import { figuresOf } from "./figures-of.ts";
import { ownEndpoint } from "./own-endpoint.ts";

/** The period that the figures in a list of endpoints cover. */
const DAY_MS = 24 * 3_600_000;

/** How well an endpoint answers, and what waits for it; and how all endpoints did within a day. */
export const endpointFigures: Resource = {
  object: "webhook_endpoint_figures",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/console/endpoint_figures",
      params: params({}),
      async run(context) {
        const { tx, account, livemode, now, limits } = context;
        const rows = await allEndpoints(tx, { accountId: account.id, livemode }, limits.listItems);
        const failures = await tx.endpointFailures(rows.map(({ id }) => id));
        const answers: JsonObject[] = [];
        for (const row of rows) {
          const { id } = row;
          const newest = await tx.recentOutcomes({ endpointId: id }, limits.figuresListedDeliveries);
          const ofDay = newest.filter(({ created }) => created > now - DAY_MS);
          answers.push({
            object: "webhook_endpoint_figures",
            webhook_endpoint: id,
            livemode,
            ...figuresOf(ofDay),
            complete: ofDay.length < limits.figuresListedDeliveries,
            ...(await queueAnswer(context, row, failures.get(id) ?? null, limits.figuresListedDeliveries)),
          });
        }
        return listAnswer("/console/endpoint_figures", answers, false);
      },
    }),
    operation({
      method: "GET",
      path: "/console/webhook_endpoints/:endpoint/figures",
      params: params({}),
      async run(context, _, { endpoint = "" }) {
        const { tx, limits, now } = context;
        const row = await ownEndpoint(context, endpoint);
        const { id, livemode } = row;
        const outcomes = await tx.recentOutcomes({ endpointId: id }, limits.figuresDeliveries);
        const failures = (await tx.endpointFailures([id])).get(id) ?? null;
        const { due, oldestDueAt } = await tx.waiting(id, now, limits.figuresPending);
        return {
          object: "webhook_endpoint_figures",
          webhook_endpoint: id,
          livemode,
          ...figuresOf(outcomes),
          complete: outcomes.length < limits.figuresDeliveries,
          ...(await queueAnswer(context, row, failures, limits.figuresPending)),
          due,
          oldest_due_at: oldestDueAt === null ? null : seconds(oldestDueAt),
        };
      },
    }),
  ],
};

/** What waits for an endpoint, and when the next delivery is tried: not while the endpoint is held back or paused. */
async function queueAnswer(
  { tx, now }: OperationContext,
  row: EndpointRow,
  failures: EndpointFailures | null,
  countUpTo: number,
): Promise<JsonObject> {
  const { pending, nextAttemptAt } = await tx.endpointQueue(row.id, countUpTo);
  const tried = nextAttemptAt !== null && row.status === "enabled" && row.pausedAt === null;
  return {
    pending,
    pending_complete: pending < countUpTo,
    next_attempt_at: tried ? seconds(Math.max(nextAttemptAt, holdNow(row, failures, now)?.until ?? 0)) : null,
  };
}

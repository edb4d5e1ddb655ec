import { operation, type Resource } from "../operations/operation.ts";
import { listAnswer, params } from "../operations/parameters.ts";
import { seconds } from "../operations/time-range.ts";
import { allEndpoints } from "../resources/webhook-endpoints/all-endpoints.ts";
import type { JsonObject } from "../store/contract/rows.ts";
import { figuresOf } from "./figures-of.ts";
import { ownEndpoint } from "./own-endpoint.ts";

/** The time that figures in a list of endpoints are of. */
const DAY_MS = 24 * 3_600_000;

/** How well an endpoint answers, and what waits for it; and how all of them did within a day. */
export const endpointFigures: Resource = {
  object: "webhook_endpoint_figures",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/console/endpoint_figures",
      params: params({}),
      async run({ tx, account, livemode, now, limits }) {
        const rows = await allEndpoints(tx, { accountId: account.id, livemode }, limits.listItems);
        const answers: JsonObject[] = [];
        for (const { id } of rows) {
          const newest = await tx.recentOutcomes({ endpointId: id }, limits.figuresListedDeliveries);
          const ofDay = newest.filter(({ created }) => created > now - DAY_MS);
          answers.push({
            object: "webhook_endpoint_figures",
            webhook_endpoint: id,
            livemode,
            ...figuresOf(ofDay),
            complete: ofDay.length < limits.figuresListedDeliveries,
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
        const { tx, limits } = context;
        const { id, livemode } = await ownEndpoint(context, endpoint);
        const outcomes = await tx.recentOutcomes({ endpointId: id }, limits.figuresDeliveries);
        const { pending, nextAttemptAt } = await tx.endpointQueue(id, limits.figuresPending);
        return {
          object: "webhook_endpoint_figures",
          webhook_endpoint: id,
          livemode,
          ...figuresOf(outcomes),
          complete: outcomes.length < limits.figuresDeliveries,
          pending,
          pending_complete: pending < limits.figuresPending,
          next_attempt_at: nextAttemptAt === null ? null : seconds(nextAttemptAt),
        };
      },
    }),
  ],
};

import { operation, type Resource } from "../operations/operation.ts";
import { params } from "../operations/parameters.ts";
import { seconds } from "../operations/time-range.ts";
import { figuresOf } from "./figures-of.ts";
import { ownEndpoint } from "./own-endpoint.ts";

/** How well an endpoint answers, and what waits for it. */
export const endpointFigures: Resource = {
  object: "webhook_endpoint_figures",
  expandable: {},
  operations: [
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

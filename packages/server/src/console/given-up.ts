import { operation, type Resource } from "../operations/operation.ts";
import { params } from "../operations/parameters.ts";

/** How many deliveries were given up and not received since, by endpoint: these need someone's attention. */
export const givenUp: Resource = {
  object: "given_up",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/console/given_up",
      params: params({}),
      async run({ tx, account, livemode, limits }) {
        const { endpoints, more } = await tx.givenUp({ accountId: account.id, livemode }, limits.givenUpCounted);
        return {
          object: "given_up",
          livemode,
          deliveries: endpoints.reduce((sum, { count }) => sum + count, 0),
          more,
          endpoints: endpoints.map(({ endpointId, count }) => ({ webhook_endpoint: endpointId, deliveries: count })),
        };
      },
    }),
  ],
};

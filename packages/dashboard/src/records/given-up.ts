import type { GivenUp } from "../api/answers.ts";
import { useAnswer } from "../api/queries.ts";

/**
 * Deliveries that were given up and not received since, by endpoint; undefined until known, or for a key that may not
 * see them.
 */
export function useGivenUp(): GivenUp | undefined {
  return useAnswer<GivenUp>("deliveries", "/console/given_up").data;
}

/** How many deliveries to an endpoint were given up and not received since. */
export function givenUpTo(given: GivenUp | undefined, endpoint: string): number {
  return given?.endpoints.find((one) => one.webhook_endpoint === endpoint)?.deliveries ?? 0;
}

/** The address of their list: for one endpoint, or for all. */
export const givenUpHref = (endpoint?: string): string =>
  `/deliveries?${endpoint === undefined ? "" : `endpoint=${endpoint}&`}state=unreceived`;

import type { EndpointTable } from "./endpoints.ts";
import type { ReadEvent } from "./verify/read-event.ts";

interface RouteParts {
  endpoints: EndpointTable;
  /**
   * What to do with an event that does not fit any endpoint whose secret matches: hold it, or pass it to the other
   * lane.
   */
  scopeMismatch: "hold" | "route";
}

/** An event's endpoint and lanes: no lanes when it does not fit any endpoint whose secret matches. */
export function routeArrival(
  { account, scope, thin }: ReadEvent,
  names: readonly string[],
  { endpoints, scopeMismatch }: RouteParts,
): { endpoint: string; lanes: string[]; mismatch: string | null } {
  const fitting = scope === "either" ? names : names.filter((name) => endpoints.get(name).connect === (scope === "connected"));
  const [endpoint] = fitting;
  // Endpoints that share a secret and a scope cannot be distinguished, so each gets it.
  if (endpoint !== undefined) {
    const { source } = endpoints.get(endpoint);
    return { endpoint, lanes: fitting.filter((name) => endpoints.get(name).source === source), mismatch: null };
  }
  const [wrong = ""] = names;
  const { connect } = endpoints.get(wrong);
  const what = connect
    ? `it arrived at the Connect endpoint "${wrong}", but it belongs to no connected account. Check that the endpoint was created with ${thin ? 'events_from: ["@accounts"]' : "connect: true"}, and that the secrets of two endpoints were not swapped.`
    : `it arrived at the endpoint "${wrong}", which is not a Connect endpoint, but it belongs to the connected account ${account}. If the endpoint was created with ${thin ? 'events_from: ["@accounts"], say connect: true' : "connect: true, say so"} in createReceiver. Otherwise the secrets of two endpoints may have been swapped.`;
  const [other, ...more] = endpoints.names.filter((name) => endpoints.get(name).connect !== connect);
  if (scopeMismatch === "route" && other !== undefined && more.length === 0) {
    return { endpoint: other, lanes: [other], mismatch: `${what} It was passed to the lane "${other}".` };
  }
  return {
    endpoint: wrong,
    lanes: [],
    mismatch: `${what} It is stored, but no handler was called: replay() with a lane runs its handlers.`,
  };
}

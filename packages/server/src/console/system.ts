import type { LimitName, Limits } from "../limits.ts";
import { type OperationContext, operation, type Resource } from "../operations/operation.ts";
import { packageVersion } from "../operations/package-version.ts";
import { params } from "../operations/parameters.ts";
import { seconds } from "../operations/time-range.ts";
import { allEndpoints } from "../resources/webhook-endpoints/all-endpoints.ts";
import type { EndpointRow, JsonObject } from "../store/contract/rows.ts";
import { serverState, throughputState } from "./server-state.ts";

/**
 * The limits that affect a platform: what it may send, what is kept, how deliveries are tried. The others concern only
 * operators.
 */
const PLATFORM_LIMITS: readonly LimitName[] = [
  "requestBodyBytes",
  "requestTimeoutMs",
  "requestsPerSecondPerKey",
  "requestBurstPerKey",
  "idempotencyKeyChars",
  "idempotencyKeptMs",
  "requestsKeptMs",
  "expandLevels",
  "listItems",
  "listItemsDefault",
  "metadataKeys",
  "metadataKeyChars",
  "metadataValueChars",
  "keysPerMode",
  "keyOverlapMs",
  "endpointsPerMode",
  "publishEvents",
  "eventsKeptMs",
  "personsPerAccount",
  "externalAccountsPerMode",
  "listenSessionsPerAccount",
  "resendJobsRunning",
  "resendsPerSecond",
  "resendsMostPerSecond",
  "attemptDeadlineMs",
  "attemptConnectMs",
  "responseKeptBytes",
  "endpointRatePerSecond",
  "endpointRateMostPerSecond",
  "retryAfterLongestMs",
  "endpointWarningMs",
  "endpointFailingMs",
  "secretOverlapMs",
  "secretsPerEndpoint",
];

/**
 * The state of the server. A platform sees what concerns it: its own deliveries and endpoints, and the limits that
 * affect it. An operator in the dashboard sees everything, and so does everyone on a `dev` server.
 */
export const system: Resource = {
  object: "system",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/console/system",
      params: params({}),
      run: (context) =>
        context.byOperator || context.settings.platformsSeeServer
          ? serverState(context.tx, context.now, context.limits)
          : platformState(context),
    }),
  ],
};

/** The same fields as for the whole server; those that a platform may not see are null. */
async function platformState({ tx, now, account, livemode, limits }: OperationContext): Promise<JsonObject> {
  const owner = { accountId: account.id, livemode };
  const endpoints = await allEndpoints(tx, owner, limits.listItems);
  const { engine } = await tx.storage();
  return {
    object: "system",
    scope: "platform",
    version: packageVersion(),
    now: seconds(now),
    store: { engine, version: null, schema: null, settings: null },
    disk: null,
    nodes: null,
    deliveries: { ...(await dueState(tx, endpoints, now, limits)), quarantined: null },
    throughput: await throughputState(tx, owner, now, limits),
    endpoints: {
      failing: endpoints.filter(({ status, firstFailureAt }) => status === "enabled" && firstFailureAt !== null).length,
      disabled: endpoints.filter(({ status }) => status === "disabled").length,
    },
    limits: Object.fromEntries(PLATFORM_LIMITS.map((name) => [name, limits[name]])),
  };
}

/** What is due to these endpoints, without paused endpoints: nothing is sent to them. All of them share one count. */
async function dueState(
  tx: OperationContext["tx"],
  endpoints: readonly EndpointRow[],
  now: number,
  { figuresPending }: Pick<Limits, "figuresPending">,
): Promise<JsonObject> {
  let left = figuresPending;
  let oldest: number | null = null;
  for (const { id, pausedAt } of endpoints) {
    if (pausedAt !== null) continue;
    const { due, oldestDueAt } = await tx.waiting(id, now, left);
    if (oldestDueAt !== null) oldest = Math.min(oldest ?? oldestDueAt, oldestDueAt);
    left -= due;
    if (left === 0) break;
  }
  return { due: figuresPending - left, more_due: left === 0, oldest_due_at: oldest === null ? null : seconds(oldest) };
}

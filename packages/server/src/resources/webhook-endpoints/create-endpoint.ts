import { apiError, ID_FORMS } from "@carabiner/protocol";
import type { OperationContext } from "../../operations/operation.ts";
import type { EndpointRow } from "../../store/contract/rows.ts";
import { actingApplication } from "../access/accessible-account.ts";
import { endpointUrlProblem } from "./endpoint-url.ts";
import { type ChosenOfEndpoint, newEndpoint } from "./new-endpoint.ts";
import { makerOf, refuseWithoutDashboard } from "./own-endpoint.ts";

/** The caller's choices for a new endpoint, after its events are checked. */
export type EndpointGiven = Omit<ChosenOfEndpoint, "id" | "accountId" | "livemode" | "created" | "madeBy" | "secret">;

/** The parameters that hold an endpoint's URL and ask for connected accounts' events, for errors. */
export interface EndpointParams {
  url: string;
  connect: string;
}

/**
 * Creates an endpoint of the call's account, for either API: one limit covers both. Returns its row and its secret.
 * Throws when the account may not have endpoints, for a URL that nothing can be delivered to, and `endpoint_limit`.
 */
export async function createEndpoint(
  context: OperationContext,
  given: EndpointGiven,
  params: EndpointParams,
): Promise<{ row: EndpointRow; secret: string }> {
  const { tx, account, livemode, limits, now, ids } = context;
  refuseWithoutDashboard(context);
  const madeBy = makerOf(context);
  if (given.connect && madeBy !== null) throw apiError("own_key_required", { account: account.id, param: params.connect });
  if (given.connect && (await actingApplication(context)) === null) throw apiError("platform_account_required", { param: params.connect });
  checkEndpointUrl(given.url, context, params.url);
  if ((await tx.countEndpoints({ accountId: account.id, livemode, madeBy })) >= limits.endpointsPerMode)
    throw apiError("endpoint_limit", { limit: limits.endpointsPerMode, mode: livemode ? "live" : "test" });
  const { prefix, length } = ID_FORMS.webhook_secret;
  const secret = prefix + ids.secret(length);
  const id = ids.newId("webhook_endpoint", now);
  const row = newEndpoint({ ...given, id, accountId: account.id, livemode, created: now, madeBy, secret });
  await tx.insertEndpoint(row);
  return { row, secret };
}

/** Throws for a URL that nothing can be delivered to. `param` is the parameter that holds it. */
export function checkEndpointUrl(url: string, { livemode, settings }: OperationContext, param: string): void {
  const problem = endpointUrlProblem(url, { livemode, destinations: settings.destinations });
  if (problem !== null) throw apiError(problem.error, { ...problem.values, param });
}

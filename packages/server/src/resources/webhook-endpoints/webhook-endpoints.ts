import {
  API_VERSIONS,
  apiError,
  ENDPOINT_EVENT_TYPES,
  EVENT_TYPES,
  ID_FORMS,
  isEndpointEventType,
  isEventType,
  isUnlistedEventType,
} from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { type OperationContext, operation, type Resource, type Settings } from "../../operations/operation.ts";
import { isOwned, ownedRow } from "../../operations/owned-row.ts";
import { pageAsked } from "../../operations/page-asked.ts";
import {
  choice,
  clearableText,
  flag,
  list,
  listAnswer,
  mergeMetadata,
  metadata,
  optional,
  pageProperties,
  params,
  text,
} from "../../operations/parameters.ts";
import { isListener } from "../../store/contract/is-listener.ts";
import type { EndpointRow, JsonObject } from "../../store/contract/rows.ts";
import { actingApplication } from "../access/accessible-account.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";
import { isCustomEventType } from "../events/custom-event-type.ts";
import { endpointUrlProblem } from "./endpoint-url.ts";
import { newEndpoint } from "./new-endpoint.ts";
import { renderWebhookEndpoint } from "./render-webhook-endpoint.ts";

const changeable = {
  description: optional(clearableText()),
  metadata: optional(metadata()),
};

/** The endpoints that receive events. Source: https://docs.stripe.com/api/webhook_endpoints */
export const webhookEndpoints: Resource = {
  object: "webhook_endpoint",
  expandable: {},
  operations: [
    operation({
      method: "POST",
      path: "/v1/webhook_endpoints",
      params: coversStripeParams<Stripe.WebhookEndpointCreateParams>()(
        params({
          ...changeable,
          url: text(),
          enabled_events: list(text()),
          api_version: optional(choice(API_VERSIONS)),
          connect: optional(flag()),
        }),
      ),
      async run(context, given) {
        const { tx, account, livemode, limits, now, ids, settings } = context;
        await refuseWithoutDashboard(context);
        const connect = given.connect ?? false;
        const madeBy = makerOf(context);
        if (connect && madeBy !== null) throw apiError("own_key_required", { account: account.id, param: "connect" });
        if (connect && (await actingApplication(context)) === null) throw apiError("platform_account_required", { param: "connect" });
        checkUrl(given.url, context);
        checkEvents(given.enabled_events, settings);
        if ((await tx.countEndpoints({ accountId: account.id, livemode, madeBy })) >= limits.endpointsPerMode)
          throw apiError("endpoint_limit", { limit: limits.endpointsPerMode, mode: livemode ? "live" : "test" });
        const { prefix, length } = ID_FORMS.webhook_secret;
        const secret = prefix + ids.secret(length);
        const row = newEndpoint({
          id: ids.newId("webhook_endpoint", now),
          accountId: account.id,
          livemode,
          connect,
          url: given.url,
          enabledEvents: given.enabled_events,
          apiVersion: given.api_version ?? null,
          description: given.description ?? null,
          metadata: mergeMetadata({}, given.metadata),
          created: now,
          madeBy,
          secret,
        });
        await tx.insertEndpoint(row);
        return { ...(await endpointAnswer(context, row)), secret };
      },
    }),
    operation({
      method: "GET",
      path: "/v1/webhook_endpoints",
      params: params(pageProperties),
      async run(context, page) {
        const { tx, account, livemode, limits } = context;
        const maker = makerOf(context);
        const { rows, hasMore } = await tx.endpoints(
          { accountId: account.id, livemode, ...(maker === null ? {} : { madeBy: maker }) },
          await pageAsked(page, limits, {
            name: "webhook endpoint",
            knows: async (id) => isOwned(visibleEndpoint(await tx.endpoint(id), context), context),
          }),
        );
        const data: JsonObject[] = [];
        for (const row of rows) data.push(await endpointAnswer(context, row));
        return listAnswer("/v1/webhook_endpoints", data, hasMore);
      },
    }),
    operation({
      method: "GET",
      path: "/v1/webhook_endpoints/:endpoint",
      params: params({}),
      async run(context, _, path) {
        return endpointAnswer(context, await ownEndpoint(context, path.endpoint ?? ""));
      },
    }),
    operation({
      method: "POST",
      path: "/v1/webhook_endpoints/:endpoint",
      params: coversStripeParams<Stripe.WebhookEndpointUpdateParams>()(
        params({ ...changeable, url: optional(text()), enabled_events: optional(list(text())), disabled: optional(flag()) }),
      ),
      async run(context, given, path) {
        const before = await ownEndpoint(context, path.endpoint ?? "");
        if (given.url !== undefined) checkUrl(given.url, context);
        if (given.enabled_events !== undefined) checkEvents(given.enabled_events, context.settings);
        const after: EndpointRow = {
          ...before,
          ...(given.disabled === undefined ? {} : switchEndpoint(before, given.disabled)),
          url: given.url ?? before.url,
          enabledEvents: given.enabled_events ?? before.enabledEvents,
          description: given.description === undefined ? before.description : given.description,
          metadata: mergeMetadata(before.metadata, given.metadata),
        };
        await context.tx.updateEndpoint(after);
        return endpointAnswer(context, after);
      },
    }),
    operation({
      method: "DELETE",
      path: "/v1/webhook_endpoints/:endpoint",
      params: params({}),
      async run(context, _, path) {
        const row = await ownEndpoint(context, path.endpoint ?? "");
        await context.tx.updateEndpoint({ ...row, deleted: true });
        return asJson({ id: row.id, object: "webhook_endpoint", deleted: true } satisfies Stripe.DeletedWebhookEndpoint);
      },
    }),
  ],
};

/** The API's response for an endpoint. */
export async function endpointAnswer(context: OperationContext, row: EndpointRow): Promise<JsonObject> {
  const application = row.connect ? await actingApplication(context) : null;
  return renderWebhookEndpoint(row, application?.id ?? null);
}

async function ownEndpoint(context: OperationContext, id: string): Promise<EndpointRow> {
  const row = visibleEndpoint(await context.tx.endpoint(id), context);
  return ownedRow(row?.deleted === true ? null : row, context, "webhook endpoint", id);
}

/** The platform that creates an endpoint while acting for the account, or null when the account itself calls. */
function makerOf({ caller, account }: Pick<OperationContext, "caller" | "account">): string | null {
  return account.id === caller.id ? null : caller.id;
}

/** An endpoint visible to the call. A platform acting for an account sees only the endpoints it created there. */
function visibleEndpoint(row: EndpointRow | null, context: Pick<OperationContext, "caller" | "account">): EndpointRow | null {
  const maker = makerOf(context);
  if (row !== null && isListener(row.id)) return null;
  return row === null || maker === null || row.madeBy === maker ? row : null;
}

/** Accounts without the full Dashboard have no endpoints: the platform's Connect endpoints receive their events. */
async function refuseWithoutDashboard({ caller, account }: OperationContext): Promise<void> {
  if (account.id !== caller.id && readAccountState(account.data).controller.dashboard !== "full")
    throw apiError("endpoint_account_unsupported", { account: account.id });
}

function checkUrl(url: string, { livemode, settings }: OperationContext): void {
  const problem = endpointUrlProblem(url, { livemode, destinations: settings.destinations });
  if (problem !== null) throw apiError(problem.error, problem.values);
}

function checkEvents(types: readonly string[], { allowCustomEventTypes }: Settings): void {
  if (types.length === 0) throw apiError("parameter_invalid_empty", { param: "enabled_events" });
  for (const [position, type] of types.entries()) {
    if (type === "*" || isEventType(type) || isUnlistedEventType(type) || isEndpointEventType(type)) continue;
    if (allowCustomEventTypes && isCustomEventType(type)) continue;
    const values = [...EVENT_TYPES, ...ENDPOINT_EVENT_TYPES, "*"].join(", ");
    throw apiError("parameter_invalid_enum", { param: `enabled_events[${position}]`, values });
  }
}

/** The owner disables an endpoint, or enables it again, which clears its past failures. */
export function switchEndpoint(before: EndpointRow, disabled: boolean): Pick<EndpointRow, "status" | "disabledReason" | "firstFailureAt"> {
  if (disabled) return { status: "disabled", disabledReason: "owner", firstFailureAt: before.firstFailureAt };
  return {
    status: "enabled",
    disabledReason: null,
    firstFailureAt: before.status === "enabled" ? before.firstFailureAt : null,
  };
}

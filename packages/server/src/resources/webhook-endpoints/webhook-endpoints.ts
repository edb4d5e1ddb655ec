import { API_VERSIONS } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
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
import type { EndpointRow, JsonObject } from "../../store/contract/rows.ts";
import { actingApplication } from "../access/accessible-account.ts";
import { checkEnabledEvents } from "./check-enabled-events.ts";
import { checkEndpointUrl, createEndpoint } from "./create-endpoint.ts";
import { makerOf, visibleEndpoint } from "./own-endpoint.ts";
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
        checkEnabledEvents(given.enabled_events, "snapshot", context.settings);
        const { row, secret } = await createEndpoint(
          context,
          {
            connect: given.connect ?? false,
            url: given.url,
            enabledEvents: given.enabled_events,
            apiVersion: given.api_version ?? null,
            description: given.description ?? null,
            metadata: mergeMetadata({}, given.metadata),
          },
          { url: "url", connect: "connect" },
        );
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
          { accountId: account.id, livemode, payload: "snapshot", ...(maker === null ? {} : { madeBy: maker }) },
          await pageAsked(page, limits, {
            name: "webhook endpoint",
            knows: async (id) => isOwned(snapshotEndpoint(await tx.endpoint(id), context), context),
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
        return endpointAnswer(context, await ownSnapshotEndpoint(context, path.endpoint ?? ""));
      },
    }),
    operation({
      method: "POST",
      path: "/v1/webhook_endpoints/:endpoint",
      params: coversStripeParams<Stripe.WebhookEndpointUpdateParams>()(
        params({ ...changeable, url: optional(text()), enabled_events: optional(list(text())), disabled: optional(flag()) }),
      ),
      async run(context, given, path) {
        const before = await ownSnapshotEndpoint(context, path.endpoint ?? "");
        if (given.url !== undefined) checkEndpointUrl(given.url, context, "url");
        if (given.enabled_events !== undefined) checkEnabledEvents(given.enabled_events, "snapshot", context.settings);
        const after: EndpointRow = {
          ...before,
          ...(given.disabled === undefined ? {} : switchEndpoint(before, given.disabled)),
          url: given.url ?? before.url,
          enabledEvents: given.enabled_events ?? before.enabledEvents,
          description: given.description === undefined ? before.description : given.description,
          metadata: mergeMetadata(before.metadata, given.metadata),
          updated: context.now,
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
        const row = await ownSnapshotEndpoint(context, path.endpoint ?? "");
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

/** An endpoint that v1 knows, which is for whole events. Endpoints for thin events belong to the v2 API. */
function snapshotEndpoint(row: EndpointRow | null, context: OperationContext): EndpointRow | null {
  return row?.payload === "thin" ? null : visibleEndpoint(row, context);
}

async function ownSnapshotEndpoint(context: OperationContext, id: string): Promise<EndpointRow> {
  const row = snapshotEndpoint(await context.tx.endpoint(id), context);
  return ownedRow(row?.deleted === true ? null : row, context, "webhook endpoint", id);
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

import { API_VERSIONS, apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { thinEventAnswer } from "../../events/thin-event.ts";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import { isOwned } from "../../operations/owned-row.ts";
import { choice, clearableText, hash, json, list, mergeMetadata, metadata, optional, text } from "../../operations/parameters.ts";
import { v2ListAnswer, v2PageAsked, v2PageProperties } from "../../operations/v2-page.ts";
import type { EndpointRow, JsonObject } from "../../store/contract/rows.ts";
import { checkEnabledEvents } from "../webhook-endpoints/check-enabled-events.ts";
import { checkEndpointUrl, createEndpoint } from "../webhook-endpoints/create-endpoint.ts";
import { makerOf, ownEndpoint, visibleEndpoint } from "../webhook-endpoints/own-endpoint.ts";
import { switchEndpoint } from "../webhook-endpoints/webhook-endpoints.ts";
import { pingOf } from "./ping-of.ts";
import { destinationId, endpointIdOf, payloadOf, renderEventDestination } from "./render-event-destination.ts";

const PATH = "/v2/core/event_destinations";

const included = optional(list(choice(["webhook_endpoint.url"]), 10));
const NAME_CHARS = 255;

/**
 * The endpoints that receive events, in the v2 API's form: endpoints that v1 created, and endpoints for thin events.
 * Source: https://docs.stripe.com/api/v2/core/event_destinations
 */
export const eventDestinations: Resource = {
  object: "v2.core.event_destination",
  expandable: {},
  operations: [
    operation({
      method: "POST",
      path: PATH,
      params: coversStripeParams<Stripe.V2.Core.EventDestinationCreateParams>()(
        hash({
          name: text(NAME_CHARS),
          description: optional(clearableText()),
          type: text(),
          event_payload: choice(["snapshot", "thin"]),
          enabled_events: list(text()),
          events_from: optional(list(text(), 10)),
          snapshot_api_version: optional(choice(API_VERSIONS)),
          include: optional(list(choice(["webhook_endpoint.signing_secret", "webhook_endpoint.url"]), 10)),
          metadata: optional(metadata()),
          webhook_endpoint: optional(hash({ url: text() })),
          amazon_eventbridge: optional(json()),
          azure_event_grid: optional(json()),
        }),
      ),
      async run(context, given) {
        if (given.type !== "webhook_endpoint" || given.amazon_eventbridge !== undefined || given.azure_event_grid !== undefined)
          throw apiError("event_destination_type_unsupported", { param: "type" });
        if (given.webhook_endpoint === undefined) throw apiError("parameter_missing", { param: "webhook_endpoint" });
        const payload = given.event_payload;
        if (payload === "thin" && given.snapshot_api_version !== undefined)
          throw apiError("event_destination_version_thin", { param: "snapshot_api_version" });
        const { own, connect } = scopeOf(given.events_from ?? ["@self"]);
        if (own && connect && payload === "snapshot") throw apiError("event_destination_scope_both", { param: "events_from" });
        checkEnabledEvents(given.enabled_events, payload, context.settings);
        const { row, secret } = await createEndpoint(
          context,
          {
            own,
            connect,
            payload,
            name: given.name,
            url: given.webhook_endpoint.url,
            enabledEvents: given.enabled_events,
            apiVersion: given.snapshot_api_version ?? null,
            description: given.description ?? null,
            metadata: mergeMetadata({}, given.metadata),
          },
          { url: "webhook_endpoint[url]", connect: "events_from" },
        );
        const include = given.include ?? [];
        return renderEventDestination(row, context.account.apiVersion, {
          url: include.includes("webhook_endpoint.url"),
          secret: include.includes("webhook_endpoint.signing_secret") ? secret : null,
        });
      },
    }),
    operation({
      method: "GET",
      path: PATH,
      params: coversStripeParams<Stripe.V2.Core.EventDestinationListParams>()(hash({ ...v2PageProperties, include: included })),
      async run(context, { page: token, ...asked }) {
        const { tx, account, livemode, limits } = context;
        const maker = makerOf(context);
        const page = await v2PageAsked({ ...asked, page: token }, limits, async (id) =>
          isOwned(visibleEndpoint(await tx.endpoint(id), context), context),
        );
        const found = await tx.endpoints({ accountId: account.id, livemode, ...(maker === null ? {} : { madeBy: maker }) }, page);
        const data = found.rows.map((row) => shown(context, row, asked.include));
        return v2ListAnswer({ path: PATH, params: asked }, data, found, page);
      },
    }),
    operation({
      method: "GET",
      path: `${PATH}/:destination`,
      params: coversStripeParams<Stripe.V2.Core.EventDestinationRetrieveParams>()(hash({ include: included })),
      async run(context, { include }, path) {
        return shown(context, await ownDestination(context, path), include);
      },
    }),
    operation({
      method: "POST",
      path: `${PATH}/:destination`,
      params: coversStripeParams<Stripe.V2.Core.EventDestinationUpdateParams>()(
        hash({
          name: optional(text(NAME_CHARS)),
          description: optional(clearableText()),
          enabled_events: optional(list(text())),
          include: included,
          metadata: optional(metadata()),
          webhook_endpoint: optional(hash({ url: text() })),
        }),
      ),
      async run(context, given, path) {
        const before = await ownDestination(context, path);
        const url = given.webhook_endpoint?.url;
        if (url !== undefined) checkEndpointUrl(url, context, "webhook_endpoint[url]");
        if (given.enabled_events !== undefined) checkEnabledEvents(given.enabled_events, payloadOf(before), context.settings);
        const after: EndpointRow = {
          ...before,
          name: given.name ?? before.name,
          description: given.description === undefined ? before.description : given.description,
          enabledEvents: given.enabled_events ?? before.enabledEvents,
          metadata: mergeMetadata(before.metadata, given.metadata),
          url: url ?? before.url,
          updated: context.now,
        };
        await context.tx.updateEndpoint(after);
        return shown(context, after, given.include);
      },
    }),
    operation({
      method: "DELETE",
      path: `${PATH}/:destination`,
      params: hash({}),
      async run(context, _, path) {
        const row = await ownDestination(context, path);
        await context.tx.updateEndpoint({ ...row, deleted: true });
        return asJson({ id: destinationId(row.id), object: "v2.core.event_destination" } satisfies Stripe.V2.DeletedObject);
      },
    }),
    ...(["enable", "disable"] as const).map((act) =>
      operation({
        method: "POST",
        path: `${PATH}/:destination/${act}`,
        params: hash({}),
        async run(context, _, path) {
          const before = await ownDestination(context, path);
          const after: EndpointRow = { ...before, ...switchEndpoint(before, act === "disable"), updated: context.now };
          await context.tx.updateEndpoint(after);
          return shown(context, after, []);
        },
      }),
    ),
    operation({
      method: "POST",
      path: `${PATH}/:destination/ping`,
      params: hash({}),
      async run(context, _, path) {
        const endpoint = await ownDestination(context, path);
        if (endpoint.status === "disabled")
          throw apiError("event_not_owed", { event: "ping", endpoint: destinationId(endpoint.id), reason: "it is disabled" });
        const [event] = await context.record([pingOf(context, endpoint)]);
        if (event === undefined) throw new Error("a ping was not recorded");
        return thinEventAnswer(event, false);
      },
    }),
  ],
};

/** Which accounts' events a destination receives. Throws for a scope that this server lacks, and for an empty list. */
function scopeOf(scopes: readonly string[]): { own: boolean; connect: boolean } {
  if (scopes.length === 0) throw apiError("parameter_invalid_empty", { param: "events_from" });
  for (const [position, scope] of scopes.entries())
    if (scope !== "@self" && scope !== "@accounts")
      throw apiError("event_destination_scope_unsupported", { param: `events_from[${position}]`, scope: scope.slice(0, 80) });
  return { own: scopes.includes("@self"), connect: scopes.includes("@accounts") };
}

function ownDestination(context: OperationContext, { destination = "" }: Readonly<Record<string, string>>): Promise<EndpointRow> {
  return ownEndpoint(context, endpointIdOf(destination), { id: destination, object: "event destination" });
}

function shown({ account }: OperationContext, row: EndpointRow, include: readonly string[] | undefined): JsonObject {
  return renderEventDestination(row, account.apiVersion, { url: include?.includes("webhook_endpoint.url") ?? false, secret: null });
}

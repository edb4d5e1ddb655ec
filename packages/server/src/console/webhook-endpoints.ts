import { apiError, ID_FORMS } from "@carabiner/protocol";
import type { EventDraft } from "../events/event-draft.ts";
import { type OperationContext, operation, type Resource } from "../operations/operation.ts";
import { isOwned } from "../operations/owned-row.ts";
import { pageAsked } from "../operations/page-asked.ts";
import {
  clearableInteger,
  clearableText,
  integer,
  list,
  listAnswer,
  optional,
  pageProperties,
  params,
  text,
} from "../operations/parameters.ts";
import { seconds } from "../operations/time-range.ts";
import { renderAccount } from "../resources/connected-account/rendering/render-account.ts";
import { pingOf } from "../resources/event-destinations/ping-of.ts";
import { eventsFrom, payloadOf } from "../resources/event-destinations/render-event-destination.ts";
import { checkEnabledEvents } from "../resources/webhook-endpoints/check-enabled-events.ts";
import { checkEndpointUrl } from "../resources/webhook-endpoints/create-endpoint.ts";
import { healthNow, holdNow, renderHealth } from "../resources/webhook-endpoints/render-health.ts";
import { rulesOfOwner } from "../resources/webhook-endpoints/rules-of-owner.ts";
import { endpointAnswer } from "../resources/webhook-endpoints/webhook-endpoints.ts";
import type { EndpointRules } from "../store/contract/platform-settings.ts";
import type { AccountRow, EndpointFailures, EndpointRow, JsonObject } from "../store/contract/rows.ts";
import { deliveryAnswers } from "./deliveries.ts";
import { ownEndpoint } from "./own-endpoint.ts";

/** Calls for endpoints that Stripe offers only in its Dashboard, and calls that only this server has. */
export const webhookEndpointControls: Resource = {
  object: "webhook_endpoint",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/console/webhook_endpoints",
      params: params(pageProperties),
      async run(context, page) {
        const { tx, account, livemode, limits } = context;
        const { rows, hasMore } = await tx.endpoints(
          { accountId: account.id, livemode },
          await pageAsked(page, limits, { name: "webhook endpoint", knows: async (id) => isOwned(await tx.endpoint(id), context) }),
        );
        return listAnswer("/console/webhook_endpoints", await fullAnswers(context, rows), hasMore);
      },
    }),
    operation({
      method: "GET",
      path: "/console/webhook_endpoints/:endpoint",
      params: params({}),
      async run(context, _, path) {
        return fullAnswer(context, await ownEndpoint(context, path.endpoint ?? ""));
      },
    }),
    operation({
      method: "POST",
      path: "/console/webhook_endpoints/:endpoint",
      params: params({
        url: optional(text()),
        enabled_events: optional(list(text())),
        description: optional(clearableText()),
        /** The most attempts a second from each sending server; empty for the server's own limit. */
        rate_limit: optional(clearableInteger(1)),
      }),
      /** Makes all of these changes at once, or none of them. */
      async run(context, { url, enabled_events, description, rate_limit }, path) {
        const max = context.limits.endpointRateMostPerSecond;
        if (typeof rate_limit === "number" && rate_limit > max)
          throw apiError("parameter_out_of_range", { param: "rate_limit", min: 1, max });
        const before = await ownEndpoint(context, path.endpoint ?? "");
        if (url !== undefined) checkEndpointUrl(url, context, "url");
        if (enabled_events !== undefined) checkEnabledEvents(enabled_events, payloadOf(before), context.settings);
        const after: EndpointRow = {
          ...before,
          url: url ?? before.url,
          enabledEvents: enabled_events ?? before.enabledEvents,
          description: description === undefined ? before.description : description,
          rateLimit: rate_limit === undefined ? before.rateLimit : rate_limit,
          updated: context.now,
        };
        await context.tx.updateEndpoint(after);
        return fullAnswer(context, after);
      },
    }),
    operation({
      method: "POST",
      path: "/console/webhook_endpoints/:endpoint/test",
      params: params({}),
      async run(context, _, path) {
        const endpoint = await ownEndpoint(context, path.endpoint ?? "");
        if (endpoint.status === "disabled")
          throw apiError("event_not_owed", { event: "test", endpoint: endpoint.id, reason: "it is disabled" });
        const [event] = await context.record([endpoint.payload === "thin" ? pingOf(context, endpoint) : await testOf(context, endpoint)]);
        if (event === undefined) throw new Error("a published event was not recorded");
        const { rows } = await context.tx.deliveries(
          { accountId: endpoint.accountId, livemode: endpoint.livemode, endpointId: endpoint.id, eventId: event.id },
          { limit: 1 },
        );
        const [delivery] = rows;
        if (delivery === undefined) throw new Error("a recorded event has no delivery to its only endpoint");
        return (await deliveryAnswers(context, [delivery]))[0] as JsonObject;
      },
    }),
    operation({
      method: "POST",
      path: "/console/webhook_endpoints/:endpoint/reveal_secret",
      params: params({}),
      /**
       * All secrets that sign now, the newest first. The call is a write, so that read-only keys cannot see secrets.
       */
      async run(context, _, path) {
        const { id, secrets } = await ownEndpoint(context, path.endpoint ?? "");
        const active = secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > context.now);
        return {
          id,
          object: "webhook_endpoint.secrets",
          secrets: active.map(({ secret, expiresAt }) => ({ secret, expires_at: expiresAt === null ? null : seconds(expiresAt) })),
        };
      },
    }),
    operation({
      method: "POST",
      path: "/console/webhook_endpoints/:endpoint/roll_secret",
      params: params({
        /**
         * Seconds for which the old secret also signs. Source: https://docs.stripe.com/webhooks#roll-endpoint-secrets
         */
        expire_after: optional(integer(0)),
      }),
      async run(context, { expire_after }, path) {
        const { tx, now, ids, limits } = context;
        const max = Math.floor(limits.secretOverlapMs / 1000);
        if (expire_after !== undefined && expire_after > max)
          throw apiError("parameter_out_of_range", { param: "expire_after", min: 0, max });
        const endpoint = await ownEndpoint(context, path.endpoint ?? "");
        const { prefix, length } = ID_FORMS.webhook_secret;
        const secret = prefix + ids.secret(length);
        const expiresAt = now + (expire_after ?? 0) * 1000;
        const kept = endpoint.secrets
          .map((old) => ({ secret: old.secret, expiresAt: Math.min(old.expiresAt ?? expiresAt, expiresAt) }))
          .filter((old) => old.expiresAt > now);
        if (kept.length >= limits.secretsPerEndpoint)
          throw apiError("endpoint_secrets_too_many", { param: "expire_after", limit: limits.secretsPerEndpoint });
        const rolled: EndpointRow = { ...endpoint, secrets: [{ secret, expiresAt: null }, ...kept] };
        await tx.updateEndpoint(rolled);
        return { ...(await endpointAnswer(context, rolled)), secret };
      },
    }),
  ],
};

/**
 * An endpoint with the fields that only its owner sees: who made and who disabled it, its health, and its rate limit.
 */
export async function fullAnswer(context: OperationContext, row: EndpointRow): Promise<JsonObject> {
  const [answer] = await fullAnswers(context, [row]);
  return answer as JsonObject;
}

/** The same for several endpoints of one owner, in their order, without a separate statement for each. */
async function fullAnswers(context: OperationContext, rows: readonly EndpointRow[]): Promise<JsonObject[]> {
  const { tx, limits, now } = context;
  const [first] = rows;
  if (first === undefined) return [];
  const failures = await tx.endpointFailures(rows.map(({ id }) => id));
  const rules = await rulesOfOwner(tx, first.accountId, limits);
  const answers: JsonObject[] = [];
  for (const row of rows)
    answers.push({
      // After the first endpoint, the store already knows what this reads.
      ...(await endpointAnswer(context, row)),
      made_by: row.madeBy,
      disabled_reason: row.disabledReason,
      rate_limit: row.rateLimit,
      paused_at: row.pausedAt === null ? null : seconds(row.pausedAt),
      event_payload: row.payload,
      events_from: eventsFrom(row),
      health: healthAnswer(row, failures.get(row.id) ?? null, rules, now),
    });
  return answers;
}

/** Its health, and its hold: until when nothing is sent to it, and why. */
function healthAnswer(row: EndpointRow, failures: EndpointFailures | null, rules: EndpointRules, now: number): JsonObject {
  const held = holdNow(row, failures, now);
  return {
    ...renderHealth(healthNow(row, failures), rules),
    held_until: held === null ? null : seconds(held.until),
    held_by: held === null ? null : held.by,
  };
}

/** A test event for whole events: the account as it is now. */
async function testOf(context: OperationContext, endpoint: EndpointRow): Promise<EventDraft> {
  const account = endpoint.connect ? await aConnectedAccount(context, endpoint) : context.account;
  const object = await renderAccount(context, account);
  return { account, livemode: endpoint.livemode, type: "account.updated", object, published: true, onlyTo: endpoint };
}

/** The account for a Connect endpoint's test event: the newest connected account, or the platform when it has none. */
async function aConnectedAccount({ tx, account }: OperationContext, { livemode }: EndpointRow): Promise<AccountRow> {
  const { rows } = await tx.connectedAccounts({ platformId: account.id, livemode }, { limit: 1 });
  return rows[0] ?? account;
}

import { apiError, ENDPOINT_EVENT_TYPES, isEndpointEventType, isThinName } from "@carabiner/protocol";
import type Stripe from "stripe";
import { mayActFor } from "../events/connection-access.ts";
import { eventAnswer } from "../events/render-event.ts";
import { thinEventAnswer } from "../events/thin-event.ts";
import { eventsKeptSince } from "../operations/events-kept.ts";
import { type OperationContext, operation, type Resource } from "../operations/operation.ts";
import { pageAsked } from "../operations/page-asked.ts";
import { choice, flag, listAnswer, optional, pageProperties, params, text, timeFilter } from "../operations/parameters.ts";
import { timeRange } from "../operations/time-range.ts";
import { accessibleAccount } from "../resources/access/accessible-account.ts";
import type { EventRow, JsonObject } from "../store/contract/rows.ts";
import type { EventFilter } from "../store/contract/transaction.ts";
import { deliveryAnswers } from "./deliveries.ts";

/** How many deliveries are shown with an event. */
const SHOWN_DELIVERIES = 16;

/**
 * Events of the key's own account and of all accounts connected to it, each with its deliveries to the key's endpoints.
 */
export const platformEvents: Resource = {
  object: "event",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/console/events",
      params: params({
        ...pageProperties,
        /** Only events of this account: the key's own, or one connected to it. */
        account: optional(text()),
        created: optional(timeFilter()),
        delivery_success: optional(flag()),
        /** Only whole events, or only thin ones. */
        payload: optional(choice(["snapshot", "thin"])),
        /** A type, or a group with a star, such as `account.*`. */
        type: optional(text()),
      }),
      async run(context, { account, created, delivery_success, payload, type, ...page }) {
        const { tx, livemode, limits } = context;
        const asked = created === undefined ? {} : timeRange(created);
        const { rows, hasMore } = await tx.events(
          {
            ...(await whose(context, account)),
            livemode,
            created: { ...asked, gte: Math.max(asked.gte ?? 0, await eventsKeptSince(context)) },
            ...(payload === undefined ? {} : { payload }),
            ...(type === undefined ? {} : type.includes("*") ? { typePattern: type } : { types: [type] }),
            ...(delivery_success === undefined ? {} : { deliverySuccess: delivery_success }),
          },
          await pageAsked(page, limits, {
            name: "event",
            async knows(id) {
              const row = await tx.event(id);
              return row !== null && row.livemode === livemode && (await seesEvent(context, row));
            },
          }),
        );
        const pending = await tx.pendingWebhooks(rows.map(({ id }) => id));
        return listAnswer("/console/events", await shown(context, rows, pending), hasMore);
      },
    }),
    operation({
      method: "GET",
      path: "/console/events/:event",
      params: params({ account: optional(text()) }),
      async run(context, { account }, path) {
        const { tx, livemode } = context;
        const id = path.event ?? "";
        const row = await tx.event(id);
        const visible =
          row !== null &&
          row.livemode === livemode &&
          row.created >= (await eventsKeptSince(context)) &&
          (account === undefined || row.accountId === account) &&
          (await seesEvent(context, row));
        if (!visible) throw apiError("resource_missing", { object: "event", id, param: "event" });
        const [answer] = await shown(context, [row], await tx.pendingWebhooks([id]));
        return answer as JsonObject;
      },
    }),
  ],
};

/** The events that a platform, or an account alone, may see. */
export function eventsSeenBy({
  account,
  application,
}: Pick<OperationContext, "account" | "application">): Pick<EventFilter, "accountId" | "connectedTo"> {
  const connectedTo = { platformId: account.id, applicationId: application?.id ?? null, exceptTypes: ENDPOINT_EVENT_TYPES };
  return { accountId: account.id, connectedTo };
}

/** The accounts whose events are listed: the named one, or all that the key may see. */
async function whose(
  context: OperationContext,
  named: string | undefined,
): Promise<Pick<EventFilter, "accountId" | "applicationId" | "exceptTypes" | "connectedTo">> {
  const { account, application } = context;
  if (named === undefined) return eventsSeenBy(context);
  if (named === account.id) return { accountId: account.id };
  const { id } = await accessibleAccount(context, named);
  return { accountId: id, applicationId: application?.id ?? null, exceptTypes: ENDPOINT_EVENT_TYPES };
}

/** Whether a platform, or an account alone, may see an event of the same mode. */
export async function seesEvent({ tx, account, application, livemode }: OperationContext, row: EventRow): Promise<boolean> {
  if (row.accountId === account.id) return true;
  if (row.applicationId !== null) return row.applicationId === application?.id;
  if (isEndpointEventType(row.type)) return false;
  return mayActFor(await tx.connections(account.id, row.accountId), livemode);
}

async function shown(context: OperationContext, rows: readonly EventRow[], pending: ReadonlyMap<string, number>): Promise<JsonObject[]> {
  const { tx, account, livemode } = context;
  const owner = { accountId: account.id, livemode };
  const byEvent = await tx.deliveriesOfEvents(
    owner,
    rows.map(({ id }) => id),
    SHOWN_DELIVERIES,
  );
  const answers = Map.groupBy(await deliveryAnswers(context, [...byEvent.values()].flat()), ({ event }) => event as string);
  return rows.map((row) => {
    const asConnected = row.accountId !== account.id;
    const now = { pendingWebhooks: pending.get(row.id) ?? 0, asConnected };
    return { ...(isThinName(row.type) ? thinAnswer(row, now) : eventAnswer(row, now)), deliveries: answers.get(row.id) ?? [] };
  });
}

/**
 * A thin event with the fields of a whole one, so that a list of both reads the same. `data.object` is the object that
 * it is about, and `thin` is the event as `GET /v2/core/events/:id` returns it.
 */
function thinAnswer(row: EventRow, { pendingWebhooks, asConnected }: { pendingWebhooks: number; asConnected: boolean }): JsonObject {
  const thin = thinEventAnswer(row, asConnected) as Partial<Stripe.V2.Core.Event> & JsonObject;
  const { id, type, url } = (thin.related_object ?? {}) as { id?: string; type?: string; url?: string };
  const request = thin.reason?.request;
  return {
    id: row.id,
    object: "event",
    ...(asConnected ? { account: row.accountId } : {}),
    api_version: null,
    created: Math.floor(Date.parse(String(thin.created)) / 1_000),
    data: { object: { ...(id === undefined ? {} : { id }), ...(type === undefined ? {} : { object: type, url: url ?? null }) } },
    livemode: row.livemode,
    pending_webhooks: pendingWebhooks,
    request: request === undefined ? null : { id: request.id, idempotency_key: request.idempotency_key || null },
    thin,
    type: row.type,
  };
}

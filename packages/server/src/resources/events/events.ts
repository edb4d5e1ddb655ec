import { apiError, ENDPOINT_EVENT_TYPES, isThinName } from "@carabiner/protocol";
import type Stripe from "stripe";
import type { Static } from "typebox";
import { mayActFor } from "../../events/connection-access.ts";
import type { EventDraft, RecordedEvent } from "../../events/event-draft.ts";
import { eventAnswer } from "../../events/render-event.ts";
import { resendable, resendEvents } from "../../events/resend-event.ts";
import { type Owed, selects } from "../../events/route.ts";
import { thinEventAnswer } from "../../events/thin-event.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { eventsKeptSince } from "../../operations/events-kept.ts";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import { isOwned } from "../../operations/owned-row.ts";
import { pageAsked } from "../../operations/page-asked.ts";
import {
  choice,
  clearableText,
  flag,
  hash,
  integer,
  json,
  list,
  listAnswer,
  optional,
  pageProperties,
  params,
  text,
  timeFilter,
  timestamp,
} from "../../operations/parameters.ts";
import { timeRange } from "../../operations/time-range.ts";
import { WrittenAnswer } from "../../operations/written-answer.ts";
import { isListener } from "../../store/contract/is-listener.ts";
import type { AccountRow, EndpointRow, EventRow, JsonObject } from "../../store/contract/rows.ts";
import type { EventFilter } from "../../store/contract/transaction.ts";
import { accessibleAccount } from "../access/accessible-account.ts";
import { type EventGiven, isSameEvent, isSamePublished, keptSince, type PublishedEvent, publishedEvent } from "./published-event.ts";
import { isOthers, visibleEvent, visibleSnapshot } from "./visible-event.ts";

const listParameters = coversStripeParams<Stripe.EventListParams>()(
  params({
    ...pageProperties,
    created: optional(timeFilter()),
    delivery_success: optional(flag()),
    type: optional(text()),
    types: optional(list(text(), 20)),
  }),
);

/** A whole event as Stripe writes it. Most fields are optional. */
const eventFields = {
  id: optional(text()),
  object: optional(choice(["event"])),
  account: optional(clearableText()),
  api_version: optional(clearableText()),
  context: optional(clearableText()),
  created: optional(timestamp()),
  data: optional(hash({ object: optional(json()), previous_attributes: optional(json()) })),
  livemode: optional(flag()),
  pending_webhooks: optional(integer(0)),
  request: optional(json()),
  type: optional(text()),
};

/** Events. Source: https://docs.stripe.com/api/events; publishing is Carabiner's own. */
export const events: Resource = {
  object: "event",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/v1/events",
      params: listParameters,
      async run(context, given) {
        const { rows, hasMore } = await context.tx.events(
          await filterAsked(context, given),
          await pageAsked(given, context.limits, {
            name: "event",
            knows: async (id) => {
              const row = await context.tx.event(id);
              return row !== null && isOwned(row, context) && !isOthers(row, context);
            },
          }),
        );
        const pending = await context.tx.pendingWebhooks(rows.map(({ id }) => id));
        return listAnswer(
          "/v1/events",
          rows.map((row) => eventAnswer(row, { pendingWebhooks: pending.get(row.id) ?? 0, asConnected: asConnected(context) })),
          hasMore,
        );
      },
    }),
    operation({
      method: "GET",
      path: "/v1/events/:event",
      params: params({}),
      async run(context, _, path) {
        return renderEventNow(context, await visibleSnapshot(context, path.event ?? ""));
      },
    }),
    /**
     * Publishes custom events, or recorded ones again, on the call's account or the connected account that they name.
     * Takes one event, or several in `events`. A single event is returned in full. For several, only the new fields of
     * each are returned: `id`, `object`, `type` and `pending_webhooks`, in the order given. An event submitted again
     * with the same `id` and content is returned as recorded, and not sent again.
     */
    operation({
      method: "POST",
      path: "/v1/events",
      params: params({ ...eventFields, events: optional(list(hash(eventFields), "publishEvents")) }),
      async run(context, { events: many, expand: _, ...one }) {
        if (many === undefined) {
          const [row] = await publish(context, [publishedEvent(one as EventGiven, (name) => name, context)]);
          if (row === undefined) throw new Error("a published event was not recorded");
          const shownAsConnected = asConnected(context) || row.accountId !== context.account.id;
          // An event that was just recorded is returned as it was written, if that names its account in the same way as
          // the answer.
          if ("asConnected" in row && row.asConnected === shownAsConnected) return new WrittenAnswer(Buffer.from(row.body).toString());
          return eventNow(context, row, shownAsConnected);
        }
        const [other] = Object.keys(one);
        if (other !== undefined) throw apiError("parameters_exclusive", { param: "events", other });
        if (many.length === 0) throw apiError("parameter_invalid_empty", { param: "events" });
        const rows = await publish(
          context,
          many.map((event, position) => publishedEvent(event as EventGiven, (name) => within(`events[${position}]`, name), context)),
        );
        const older = await context.tx.pendingWebhooks(rows.filter((row) => !("pendingWebhooks" in row)).map(({ id }) => id));
        const pendingOf = (row: EventRow | RecordedEvent) => ("pendingWebhooks" in row ? row.pendingWebhooks : (older.get(row.id) ?? 0));
        return listAnswer(
          "/v1/events",
          rows.map((row) => ({ id: row.id, object: "event", type: row.type, pending_webhooks: pendingOf(row) })),
          false,
        );
      },
    }),
    /** Sends an event again. The official CLI's `events resend` calls it. */
    operation({
      method: "POST",
      path: "/v1/events/:event/retry",
      params: params({ webhook_endpoint: optional(text()), account: optional(text()), for_stripecli: optional(flag()) }),
      async run(context, { webhook_endpoint: endpointId, account: accountId, for_stripecli }, path) {
        const account = accountId === undefined ? context.account : await accessibleAccount(context, accountId);
        const acting = { ...context, account };
        const event = await visibleEvent(acting, path.event ?? "");
        const to = await whereToResend(acting, event, endpointId, for_stripecli ?? false);
        await resendEvents(context.tx, [{ event, to }], { kind: "manual", now: context.now, ids: context.ids });
        return isThinName(event.type) ? thinEventAnswer(event, asConnected(acting)) : renderEventNow(acting, event);
      },
    }),
  ],
};

function asConnected({ caller, account }: OperationContext): boolean {
  return account.id !== caller.id;
}

function renderEventNow(context: OperationContext, row: EventRow): Promise<JsonObject> {
  return eventNow(context, row, asConnected(context));
}

/**
 * An event in its current state. An event that this transaction recorded already contains how many endpoints wait for
 * it.
 */
async function eventNow({ tx }: OperationContext, row: EventRow | RecordedEvent, asConnected: boolean): Promise<JsonObject> {
  const pendingWebhooks = "pendingWebhooks" in row ? row.pendingWebhooks : ((await tx.pendingWebhooks([row.id])).get(row.id) ?? 0);
  return eventAnswer(row, { pendingWebhooks, asConnected });
}

/** Source: https://docs.stripe.com/api/events/list */
async function filterAsked(
  context: OperationContext,
  { type, types, created, delivery_success }: Static<typeof listParameters>,
): Promise<EventFilter> {
  const { account, livemode, application } = context;
  if (type !== undefined && types !== undefined) throw apiError("parameters_exclusive", { param: "type", other: "types" });
  const asked = created === undefined ? {} : timeRange(created);
  return {
    accountId: account.id,
    livemode,
    payload: "snapshot",
    created: { ...asked, gte: Math.max(asked.gte ?? 0, await eventsKeptSince(context)) },
    ...(asConnected(context) ? { applicationId: application?.id ?? null, exceptTypes: ENDPOINT_EVENT_TYPES } : {}),
    ...(type === undefined ? {} : type.includes("*") ? { typePattern: type } : { types: [type] }),
    ...(types === undefined ? {} : { types }),
    ...(delivery_success === undefined ? {} : { deliverySuccess: delivery_success }),
  };
}

/** `a[b]` within `x` becomes `x[a][b]`. */
function within(prefix: string, name: string): string {
  const [first = "", ...rest] = name.split(/(?=\[)/);
  return `${prefix}[${first}]${rest.join("")}`;
}

/**
 * Records events that are not recorded yet. Returns all of them, in the order given. Throws `event_id_taken` when
 * another event has an id.
 */
async function publish(context: OperationContext, given: readonly PublishedEvent[]): Promise<(EventRow | RecordedEvent)[]> {
  const { livemode } = context;
  const accounts = new Map<string, AccountRow>();
  const drafts: EventDraft[] = [];
  /** For each given event, its existing row or the position of its draft. */
  const places: (EventRow | number)[] = [];
  const seen = new Map<string, { event: PublishedEvent; place: EventRow | number }>();
  for (const event of given) {
    const { id } = event;
    const earlier = id === undefined ? undefined : seen.get(id);
    if (id !== undefined && earlier !== undefined) {
      if (!isSamePublished(earlier.event, event)) throw apiError("event_id_taken", { id, param: event.named("id") });
      places.push(earlier.place);
      continue;
    }
    const { accountId = context.account.id } = event;
    const account = accounts.get(accountId) ?? (await accountOf(context, event));
    accounts.set(accountId, account);
    const row = id === undefined ? null : await context.tx.event(id);
    if (id !== undefined && row !== null && !isSameEvent(row, event, { accountId: account.id, livemode }))
      throw apiError("event_id_taken", { id, param: event.named("id") });
    const place = row ?? drafts.length;
    if (row === null)
      drafts.push({
        account,
        livemode,
        id,
        type: event.type,
        object: event.object,
        previousAttributes: event.previousAttributes,
        apiVersion: event.apiVersion,
        created: event.created,
        keptSince: keptSince(event, context),
        request: event.request,
        published: true,
      });
    if (id !== undefined) seen.set(id, { event, place });
    places.push(place);
  }
  const recorded = await context.record(drafts);
  return places.map((place) => {
    const row = typeof place === "number" ? recorded[place] : place;
    if (row === undefined) throw new Error("a published event was not recorded");
    return row;
  });
}

/**
 * The account an event is published on: the call's account, or a connected account that the event names. Throws
 * `event_account_differs` when the call is for another account, `account_invalid` without a connection, and
 * `connection_read_only` when the connection only allows reading.
 */
async function accountOf(context: OperationContext, { accountId, named }: PublishedEvent): Promise<AccountRow> {
  const { tx, account, caller, livemode } = context;
  if (accountId === undefined || accountId === account.id) return account;
  if (asConnected(context)) throw apiError("event_account_differs", { account: accountId, acting: account.id, param: named("account") });
  const connected = await accessibleAccount(context, accountId);
  const writable = (await tx.connections(caller.id, accountId)).filter(({ scope }) => scope === "read_write");
  if (!mayActFor(writable, livemode)) throw apiError("connection_read_only", { account: accountId });
  return connected;
}

/**
 * The named endpoint. For the CLI: the caller's open listeners or, without any, every endpoint of the caller that
 * selects the event. These are its own, and those it created while acting for an account. Throws `resource_missing` for
 * an endpoint of another account, and `event_not_owed` for one that may not receive the event.
 */
async function whereToResend(
  { tx, caller, account, application }: OperationContext,
  event: EventRow,
  endpointId: string | undefined,
  forCli: boolean,
): Promise<Owed[]> {
  if (endpointId === undefined && !forCli) throw apiError("parameter_missing", { param: "webhook_endpoint" });
  const platformId = event.applicationId !== null && event.applicationId === application?.id ? caller.id : null;
  const allowed = resendable(event, await tx.subscribers(event.accountId), platformId).filter(({ endpoint }) => isCallers(endpoint));
  if (endpointId === undefined) {
    const listeners = allowed.filter(({ endpoint }) => isListener(endpoint.id));
    return listeners.length > 0 ? listeners : allowed.filter(({ endpoint }) => selects(endpoint, event.type));
  }
  const endpoint = isListener(endpointId) ? null : await tx.endpoint(endpointId);
  if (endpoint === null || endpoint.deleted || !isCallers(endpoint))
    throw apiError("resource_missing", { object: "webhook endpoint", id: endpointId, param: "webhook_endpoint" });
  const named = allowed.filter((owed) => owed.endpoint.id === endpointId);
  if (named.length === 0) throw apiError("event_not_owed", { event: event.id, endpoint: endpointId, reason: whyNot(endpoint) });
  return named;

  function isCallers({ accountId, madeBy }: EndpointRow): boolean {
    return accountId === caller.id || (accountId === account.id && madeBy === caller.id);
  }
}

function whyNot(endpoint: EndpointRow): string {
  if (endpoint.status === "disabled") return "the endpoint is disabled";
  return endpoint.connect
    ? "the endpoint hears of accounts connected to its owner, in its own mode"
    : "the endpoint hears of its owner's own events, in its own mode";
}

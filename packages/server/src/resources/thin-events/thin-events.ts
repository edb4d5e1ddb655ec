import { isThinName } from "@carabiner/protocol";
import type Stripe from "stripe";
import { thinEventAnswer } from "../../events/thin-event.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { eventsKeptSince } from "../../operations/events-kept.ts";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import { isOwned, ownedRow } from "../../operations/owned-row.ts";
import { hash, list, optional, text } from "../../operations/parameters.ts";
import { v2ListAnswer, v2PageAsked, v2PageProperties } from "../../operations/v2-page.ts";
import { v2TimeFilter, v2TimeRange } from "../../operations/v2-time-filter.ts";
import type { EventRow } from "../../store/contract/rows.ts";
import { isOthers } from "../events/visible-event.ts";

const PATH = "/v2/core/events";

/** The most types that one list may name. Source: https://docs.stripe.com/api/v2/core/events/list */
const TYPES = 20;

/**
 * Thin events, in full. A thin event that also has a whole event exists only where a destination selects it.
 * Source: https://docs.stripe.com/api/v2/core/events
 */
export const thinEvents: Resource = {
  object: "v2.core.event",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: PATH,
      params: coversStripeParams<Stripe.V2.Core.EventListParams>()(
        hash({
          ...v2PageProperties,
          created: optional(v2TimeFilter()),
          object_id: optional(text()),
          types: optional(list(text(), TYPES)),
        }),
      ),
      async run(context, { page: token, ...asked }) {
        const { tx, account, livemode, limits, application } = context;
        const page = await v2PageAsked({ ...asked, page: token }, limits, async (id) => isVisible(context, await tx.event(id)));
        const created = asked.created === undefined ? {} : v2TimeRange("created", asked.created);
        const found = await tx.events(
          {
            accountId: account.id,
            livemode,
            payload: "thin",
            created: { ...created, gte: Math.max(created.gte ?? 0, await eventsKeptSince(context)) },
            ...(asConnected(context) ? { applicationId: application?.id ?? null } : {}),
            ...(asked.object_id === undefined ? {} : { objectId: asked.object_id }),
            ...(asked.types === undefined ? {} : { types: asked.types }),
          },
          page,
        );
        const data = found.rows.map((row) => thinEventAnswer(row, asConnected(context)));
        return v2ListAnswer({ path: PATH, params: asked }, data, found, page);
      },
    }),
    operation({
      method: "GET",
      path: `${PATH}/:thin_event`,
      params: hash({}),
      async run(context, _, { thin_event: event = "" }) {
        const row = await context.tx.event(event);
        const visible = row !== null && isThinName(row.type) && row.created >= (await eventsKeptSince(context));
        const found = ownedRow(visible && !isOthers(row, context) ? row : null, context, "event", event);
        return thinEventAnswer(found, asConnected(context));
      },
    }),
  ],
};

function isVisible(context: OperationContext, row: EventRow | null): boolean {
  return row !== null && isThinName(row.type) && isOwned(row, context) && !isOthers(row, context);
}

function asConnected({ caller, account }: OperationContext): boolean {
  return account.id !== caller.id;
}

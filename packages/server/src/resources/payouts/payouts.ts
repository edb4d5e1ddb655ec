import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { expanderOf, listOwn } from "../../operations/object-kind.ts";
import { operation, type Resource } from "../../operations/operation.ts";
import {
  choice,
  integer,
  mergeMetadata,
  metadata,
  optional,
  pageProperties,
  params,
  text,
  timeFilter,
} from "../../operations/parameters.ts";
import { timeRange } from "../../operations/time-range.ts";
import { SOURCE_TYPES } from "../balance/balance-state.ts";
import { expandBalanceTransaction } from "../balance/balance-transaction.ts";
import { askedPayout } from "./asked-payout.ts";
import { expandDestination } from "./expand-destination.ts";
import { forcedSteps } from "./forced-steps.ts";
import { makePayout } from "./make-payout.ts";
import { cancelPayout, keepPayout } from "./move-payout.ts";
import { ownPayout } from "./own-payout.ts";
import { PAYOUT_KIND } from "./payout-kind.ts";
import { PAYOUT, PAYOUT_STATUSES } from "./payout-state.ts";
import { renderPayout } from "./render-payout.ts";
import { reversePayout } from "./reverse-payout.ts";

/** Maximum length of a statement descriptor. Source: https://docs.stripe.com/api/payouts/create */
const STATEMENT_DESCRIPTOR_CHARS = 22;

/** Payouts to bank accounts and debit cards. Source: https://docs.stripe.com/api/payouts */
export const payouts: Resource = {
  object: PAYOUT,
  expandable: {
    application_fee: null,
    balance_transaction: expandBalanceTransaction,
    failure_balance_transaction: expandBalanceTransaction,
    original_payout: expanderOf(PAYOUT_KIND),
    reversed_by: expanderOf(PAYOUT_KIND),
    destination: expandDestination,
  },
  operations: [
    operation({
      method: "POST",
      path: "/v1/payouts",
      params: coversStripeParams<Stripe.PayoutCreateParams>()(
        params({
          amount: integer(1, "payoutAmountUnits"),
          currency: text(3),
          description: optional(text()),
          destination: optional(text()),
          metadata: optional(metadata()),
          method: optional(choice(["instant", "standard"])),
          payout_method: optional(text()),
          source_type: optional(choice(SOURCE_TYPES)),
          statement_descriptor: optional(text(STATEMENT_DESCRIPTOR_CHARS)),
        }),
      ),
      async run(context, { expand: _, ...asked }) {
        return asJson(renderPayout(await makePayout(context, context.account, await askedPayout(context, asked))));
      },
    }),
    operation({
      method: "GET",
      path: "/v1/payouts",
      params: coversStripeParams<Stripe.PayoutListParams>()(
        params({
          ...pageProperties,
          arrival_date: optional(timeFilter()),
          created: optional(timeFilter()),
          destination: optional(text()),
          status: optional(choice(PAYOUT_STATUSES)),
        }),
      ),
      run: (context, { arrival_date, created, destination, status, expand: _, ...page }) =>
        listOwn(context, PAYOUT_KIND, {
          url: "/v1/payouts",
          page,
          created: timeRange(created),
          where: { status },
          within: { arrivalDate: timeRange(arrival_date) },
          parent: destination,
        }),
    }),
    operation({
      method: "GET",
      path: "/v1/payouts/:payout",
      params: coversStripeParams<Stripe.PayoutRetrieveParams>()(params({})),
      run: async (context, _, { payout = "" }) => asJson(renderPayout(await ownPayout(context, payout))),
    }),
    operation({
      method: "POST",
      path: "/v1/payouts/:payout",
      params: coversStripeParams<Stripe.PayoutUpdateParams>()(params({ metadata: optional(metadata()) })),
      async run(context, told, { payout = "" }) {
        const before = await ownPayout(context, payout);
        const state = { ...before.state, metadata: mergeMetadata(before.state.metadata, told.metadata) };
        return asJson(renderPayout(await keepPayout(context, context.account, before, state, "payout.updated")));
      },
    }),
    operation({
      method: "POST",
      path: "/v1/payouts/:payout/cancel",
      params: coversStripeParams<Stripe.PayoutCancelParams>()(params({})),
      async run(context, _, { payout = "" }) {
        const before = await ownPayout(context, payout);
        refuseCancel(before.state);
        return asJson(renderPayout(await cancelPayout(context, context.account, before)));
      },
    }),
    operation({
      method: "POST",
      path: "/v1/payouts/:payout/reverse",
      params: coversStripeParams<Stripe.PayoutReverseParams>()(params({ metadata: optional(metadata()) })),
      async run(context, told, { payout = "" }) {
        const original = await ownPayout(context, payout);
        return asJson(renderPayout(await reversePayout(context, original, mergeMetadata({}, told.metadata))));
      },
    }),
    ...forcedSteps,
  ],
};

function refuseCancel({ automatic, status }: { automatic: boolean; status: string }): void {
  if (automatic) throw apiError("payout_cancel_refused", { reason: "it was made by the schedule" });
  if (status !== "pending") throw apiError("payout_cancel_refused", { reason: `it is ${status}, no longer pending` });
}

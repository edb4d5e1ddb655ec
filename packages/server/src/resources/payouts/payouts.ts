import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { answer } from "../../operations/answer.ts";
import { covering } from "../../operations/covering.ts";
import { type Expander, operation, type Resource } from "../../operations/operation.ts";
import { isOwned } from "../../operations/owned-row.ts";
import { pageAsked } from "../../operations/page-asked.ts";
import {
  choice,
  integer,
  listAnswer,
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
import { BALANCE_TRANSACTION, renderBalanceTransaction } from "../balance/balance-transaction.ts";
import { renderExternalAccount } from "../connected-account/rendering/render-external-account.ts";
import { EXTERNAL_ACCOUNT, readExternalAccount } from "../connected-account/state/external-account-state.ts";
import { askedPayout } from "./asked-payout.ts";
import { forcedSteps } from "./forced-steps.ts";
import { makePayout } from "./make-payout.ts";
import { cancelPayout, keepPayout } from "./move-payout.ts";
import { ownPayout } from "./own-payout.ts";
import { PAYOUT, PAYOUT_STATUSES, readPayout } from "./payout-state.ts";
import { renderPayout } from "./render-payout.ts";
import { reversePayout } from "./reverse-payout.ts";

/** Longest text on a bank statement. Source: https://docs.stripe.com/api/payouts/create */
const STATEMENT_DESCRIPTOR_CHARS = 22;

const anotherPayout: Expander = async (context, id) => {
  const row = await context.tx.object(id);
  return row?.object === PAYOUT && isOwned(row, context) ? answer(renderPayout(readPayout(row))) : null;
};

const balanceTransaction: Expander = async (context, id) => {
  const row = await context.tx.object(id);
  return row?.object === BALANCE_TRANSACTION && isOwned(row, context) ? renderBalanceTransaction(row, context.now) : null;
};

/** Payouts to bank accounts and debit cards. Source: https://docs.stripe.com/api/payouts */
export const payouts: Resource = {
  object: PAYOUT,
  expandable: {
    balance_transaction: balanceTransaction,
    failure_balance_transaction: balanceTransaction,
    original_payout: anotherPayout,
    reversed_by: anotherPayout,
    async destination(context, id) {
      const row = await context.tx.object(id);
      return row?.object === EXTERNAL_ACCOUNT && isOwned(row, context) ? answer(renderExternalAccount(readExternalAccount(row))) : null;
    },
  },
  operations: [
    operation({
      method: "POST",
      path: "/v1/payouts",
      params: covering<Stripe.PayoutCreateParams>()(
        params({
          amount: integer(1, 99_999_999),
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
        return answer(renderPayout(await makePayout(context, context.account, await askedPayout(context, asked))));
      },
    }),
    operation({
      method: "GET",
      path: "/v1/payouts",
      params: covering<Stripe.PayoutListParams>()(
        params({
          ...pageProperties,
          arrival_date: optional(timeFilter()),
          created: optional(timeFilter()),
          destination: optional(text()),
          status: optional(choice(PAYOUT_STATUSES)),
        }),
      ),
      async run(context, { arrival_date, created, destination, status, expand: _, ...page }) {
        const { tx, account, livemode, limits } = context;
        const { rows, hasMore } = await tx.objects(
          {
            object: PAYOUT,
            accountId: account.id,
            livemode,
            ...(destination === undefined ? {} : { parent: destination }),
            ...(created === undefined ? {} : { created: timeRange(created) }),
            ...(status === undefined ? {} : { where: { status } }),
            ...(arrival_date === undefined ? {} : { within: { arrivalDate: timeRange(arrival_date) } }),
          },
          await pageAsked(page, limits, {
            name: "payout",
            knows: async (id) => {
              const row = await tx.object(id);
              return row?.object === PAYOUT && isOwned(row, context);
            },
          }),
        );
        return listAnswer(
          "/v1/payouts",
          rows.map((row) => answer(renderPayout(readPayout(row)))),
          hasMore,
        );
      },
    }),
    operation({
      method: "GET",
      path: "/v1/payouts/:payout",
      params: covering<Stripe.PayoutRetrieveParams>()(params({})),
      run: async (context, _, { payout = "" }) => answer(renderPayout(await ownPayout(context, payout))),
    }),
    operation({
      method: "POST",
      path: "/v1/payouts/:payout",
      params: covering<Stripe.PayoutUpdateParams>()(params({ metadata: optional(metadata()) })),
      async run(context, told, { payout = "" }) {
        const before = await ownPayout(context, payout);
        const state = { ...before.state, metadata: mergeMetadata(before.state.metadata, told.metadata) };
        return answer(renderPayout(await keepPayout(context, context.account, before, state, "payout.updated")));
      },
    }),
    operation({
      method: "POST",
      path: "/v1/payouts/:payout/cancel",
      params: covering<Stripe.PayoutCancelParams>()(params({})),
      async run(context, _, { payout = "" }) {
        const before = await ownPayout(context, payout);
        refuseCancel(before.state);
        return answer(renderPayout(await cancelPayout(context, context.account, before)));
      },
    }),
    operation({
      method: "POST",
      path: "/v1/payouts/:payout/reverse",
      params: covering<Stripe.PayoutReverseParams>()(params({ metadata: optional(metadata()) })),
      async run(context, told, { payout = "" }) {
        const original = await ownPayout(context, payout);
        return answer(renderPayout(await reversePayout(context, original, mergeMetadata({}, told.metadata))));
      },
    }),
    ...forcedSteps,
  ],
};

function refuseCancel({ automatic, status }: { automatic: boolean; status: string }): void {
  if (automatic) throw apiError("payout_cancel_refused", { reason: "it was made by the schedule" });
  if (status !== "pending") throw apiError("payout_cancel_refused", { reason: `it is ${status}, no longer pending` });
}

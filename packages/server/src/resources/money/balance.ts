import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { expander, onExpansion } from "../../operations/expandable.ts";
import { cursorsOf, namedRow, ownRow } from "../../operations/object-kind.ts";
import { olderPaths } from "../../operations/older-paths.ts";
import { type Operation, type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import { pageAsked } from "../../operations/page-asked.ts";
import { listAnswer, optional, pageProperties, params, text, timeFilter } from "../../operations/parameters.ts";
import { readableRows } from "../../operations/readable-rows.ts";
import { timeRange } from "../../operations/time-range.ts";
import type { Json, JsonObject } from "../../store/contract/rows.ts";
import { readBalance } from "../balance/balance-state.ts";
import { BALANCE_TRANSACTION, BALANCE_TRANSACTION_KIND, renderBalanceTransaction } from "../balance/balance-transaction.ts";
import { renderBalance } from "../balance/render-balance.ts";
import { externalAccountsIn, readAccountWorld } from "../connected-account/state/account-world.ts";
import { takesInstantPayouts } from "../payouts/asked-payout.ts";
import { batchesOfPayout, transactionsOfBatches } from "../payouts/payout-batches.ts";
import { PAYOUT_KIND } from "../payouts/payout-kind.ts";
import { balanceSources } from "./balance-sources.ts";

/** An account's balance. Source: https://docs.stripe.com/api/balance */
export const balance: Resource = {
  object: "balance",
  expandable: { "instant_available.net_available": onExpansion(netAvailable) },
  operations: [
    operation({
      method: "GET",
      path: "/v1/balance",
      params: coversStripeParams<Stripe.BalanceRetrieveParams>()(params({})),
      run: async ({ tx, account, livemode, now }) => renderBalance(account, await readBalance(tx, account.id, livemode, now)),
    }),
  ],
};

/**
 * The amount that can be paid out instantly to each external account. Nothing is deducted, since platforms set no price
 * for it here.
 * Source: https://docs.stripe.com/api/balance/balance_object#balance_object-instant_available-net_available
 */
async function netAvailable({ tx, account, livemode, limits }: OperationContext, row: JsonObject): Promise<Json> {
  const { amount, currency, source_types } = row as unknown as Stripe.Balance.InstantAvailable;
  const world = await readAccountWorld(tx, account, limits);
  return externalAccountsIn(world, livemode)
    .filter((one) => one.state.currency === currency && takesInstantPayouts(one))
    .map((one) => asJson({ amount, destination: one.row.id, source_types }));
}

const calls: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/v1/balance_transactions",
    params: coversStripeParams<Stripe.BalanceTransactionListParams>()(
      params({
        ...pageProperties,
        created: optional(timeFilter()),
        currency: optional(text()),
        payout: optional(text()),
        source: optional(text()),
        type: optional(text()),
      }),
    ),
    async run(context, { created, currency, payout, source, type, expand: _, ...asked }) {
      const { tx, account, livemode, now, limits } = context;
      const filter = {
        accountId: account.id,
        livemode,
        ...(created === undefined ? {} : { created: timeRange(created) }),
        where: {
          ...(currency === undefined ? {} : { currency: currency.toLowerCase() }),
          ...(source === undefined ? {} : { source }),
          ...(type === undefined ? {} : { type }),
        },
      };
      const batches = payout === undefined ? null : await batchesAsked(context, payout);
      const page = await pageAsked(asked, limits, cursorsOf(context, BALANCE_TRANSACTION_KIND));
      const { rows, hasMore } =
        batches === null
          ? await tx.objects({ ...filter, object: BALANCE_TRANSACTION }, page)
          : await transactionsOfBatches(tx, filter, batches, page);
      return listAnswer(
        "/v1/balance_transactions",
        rows.map((row) => renderBalanceTransaction(row, now)),
        hasMore,
      );
    },
  }),
  operation({
    method: "GET",
    path: "/v1/balance_transactions/:transaction",
    params: coversStripeParams<Stripe.BalanceTransactionRetrieveParams>()(params({})),
    run: async (context, _, { transaction = "" }) =>
      renderBalanceTransaction(await ownRow(context, BALANCE_TRANSACTION_KIND, transaction), context.now),
  }),
];

/** The transactions that make up a balance. Source: https://docs.stripe.com/api/balance_transactions */
export const balanceTransactions: Resource = {
  object: BALANCE_TRANSACTION,
  expandable: {
    source: expander(Object.keys(balanceSources), async (context, ids) => {
      const rows = await readableRows(context, ids);
      return new Map(
        rows.flatMap((row) => {
          const source = balanceSources[row.object]?.(row);
          return source === undefined ? [] : [[row.id, source]];
        }),
      );
    }),
  },
  operations: [...calls, ...olderPaths(calls, "/v1/balance_transactions", "/v1/balance/history")],
};

/** The batches of the payout that filters a list. Only automatic payouts have known contents. */
async function batchesAsked(context: OperationContext, payoutId: string): Promise<string[]> {
  await namedRow(context, PAYOUT_KIND, payoutId, "payout");
  const batches = await batchesOfPayout(context.tx, payoutId);
  if (batches === null) throw apiError("payout_not_automatic", { param: "payout" });
  return batches;
}

import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../../operations/as-json.ts";
import { coversStripeParams } from "../../../operations/covers-stripe-params.ts";
import { expander, listInFull } from "../../../operations/expandable.ts";
import { expanderOf, listOwn } from "../../../operations/object-kind.ts";
import { type OperationContext, operation, type Resource } from "../../../operations/operation.ts";
import {
  choice,
  flag,
  integer,
  mergeMetadata,
  metadata,
  optional,
  pageProperties,
  params,
  text,
  timeFilter,
} from "../../../operations/parameters.ts";
import { timeRange } from "../../../operations/time-range.ts";
import { fundsOf, readBalance, SOURCE_TYPES, type SourceType } from "../../balance/balance-state.ts";
import { expandBalanceTransaction } from "../../balance/balance-transaction.ts";
import { checkAmount, currencyGiven } from "../../balance/currency.ts";
import { stillPending } from "../application-fees/application-fee-moves.ts";
import { expandAccount } from "../expand-account.ts";
import { checkMayReceive, transferDestination } from "../may-take-part.ts";
import { finishMoneyChange, newMoneyChange } from "../money-change.ts";
import { changeMoneyObject, namedMoneyObject, ownMoneyObject, showMoneyObject } from "../money-object.ts";
import { CHARGE, type Charge } from "../payments/charge.ts";
import { REFUND } from "../refunds/refund.ts";
import { makeTransfer } from "./make-transfer.ts";
import { inProportion, reverseTransfer } from "./reverse-transfer.ts";
import { TRANSFER, TRANSFER_REVERSAL, type Transfer } from "./transfer.ts";

const transferNamed = (context: OperationContext, { transfer = "" }: Readonly<Record<string, string>>): Promise<Transfer> =>
  ownMoneyObject(context, TRANSFER, transfer);

/** Funds that a platform moves to its accounts. Source: https://docs.stripe.com/api/transfers */
export const transfers: Resource = {
  object: TRANSFER.object,
  expandable: {
    balance_transaction: expandBalanceTransaction,
    destination: expandAccount,
    // The payment belongs to the destination. The account that made the transfer may see it, but not a platform acting
    // for it.
    destination_payment: expander([CHARGE.object], async ({ tx, account, caller, livemode }, ids) => {
      const rows = account.id === caller.id ? [...(await tx.objectsById(ids)).values()] : [];
      const payments = rows.filter((row) => row.object === CHARGE.object && row.livemode === livemode);
      return new Map(payments.map((row) => [row.id, showMoneyObject(row)]));
    }),
    reversals: listInFull(TRANSFER_REVERSAL.object),
    source_transaction: expanderOf(CHARGE),
  },
  operations: [
    operation({
      method: "POST",
      path: "/v1/transfers",
      params: coversStripeParams<Stripe.TransferCreateParams>()(
        params({
          amount: optional(integer()),
          currency: text(),
          description: optional(text(1_000)),
          destination: text(),
          metadata: optional(metadata()),
          source_transaction: optional(text()),
          source_type: optional(choice(SOURCE_TYPES)),
          transfer_group: optional(text()),
        }),
      ),
      async run(context, given) {
        const currency = currencyGiven(given.currency);
        const source: Charge | null =
          given.source_transaction === undefined
            ? null
            : await namedMoneyObject(context, CHARGE, given.source_transaction, "source_transaction");
        const amount = given.amount ?? source?.shown.amount_captured;
        if (amount === undefined) throw apiError("parameter_missing", { param: "amount" });
        checkAmount(amount, currency, context.limits);
        const destination = await transferDestination(context, given.destination, "destination");
        checkMayReceive(context, destination, "destination");
        const sourceType: SourceType = given.source_type ?? "card";
        const availableOn =
          source === null ? await fromBalance(context, amount, currency, sourceType) : await fromCharge(context, source, amount, currency);
        const change = newMoneyChange();
        const transfer = await makeTransfer(context, change, {
          destination,
          amount,
          currency,
          sourceCharge: source?.shown.id ?? null,
          sourceType,
          transferGroup: given.transfer_group ?? source?.shown.transfer_group ?? (source === null ? null : `group_${source.shown.id}`),
          about: {
            description: given.description ?? null,
            metadata: mergeMetadata({}, given.metadata),
            payment: { description: null, metadata: {} },
          },
          availableOn,
          applicationFee: null,
        });
        await finishMoneyChange(context, change);
        return asJson(transfer.shown);
      },
    }),
    operation({
      method: "GET",
      path: "/v1/transfers",
      params: coversStripeParams<Stripe.TransferListParams>()(
        params({ ...pageProperties, created: optional(timeFilter()), destination: optional(text()), transfer_group: optional(text()) }),
      ),
      run: (context, { created, destination, transfer_group, expand: _, ...page }) =>
        listOwn(context, TRANSFER, {
          url: "/v1/transfers",
          page,
          where: { destination, transfer_group },
          created: timeRange(created),
        }),
    }),
    operation({
      method: "GET",
      path: "/v1/transfers/:transfer",
      params: coversStripeParams<Stripe.TransferRetrieveParams>()(params({})),
      run: async (context, _, path) => asJson((await transferNamed(context, path)).shown),
    }),
    operation({
      method: "POST",
      path: "/v1/transfers/:transfer",
      params: coversStripeParams<Stripe.TransferUpdateParams>()(
        params({ description: optional(text(1_000)), metadata: optional(metadata()) }),
      ),
      async run(context, { description, metadata }, path) {
        const { account, livemode } = context;
        const transfer = await transferNamed(context, path);
        const { after, previous } = await changeMoneyObject(context, transfer, {
          ...(description === undefined ? {} : { description }),
          metadata: mergeMetadata(transfer.shown.metadata, metadata),
        });
        if (previous !== null)
          await context.record([
            { account, livemode, type: "transfer.updated", object: asJson(after.shown), previousAttributes: previous },
          ]);
        return asJson(after.shown);
      },
    }),
  ],
};

/** Reversals of transfers. Source: https://docs.stripe.com/api/transfer_reversals */
export const transferReversals: Resource = {
  object: TRANSFER_REVERSAL.object,
  expandable: {
    balance_transaction: expandBalanceTransaction,
    destination_payment_refund: expanderOf(REFUND),
    source_refund: expanderOf(REFUND),
    transfer: expanderOf(TRANSFER),
  },
  operations: [
    operation({
      method: "POST",
      path: "/v1/transfers/:transfer/reversals",
      ownKeysOnly: true,
      params: coversStripeParams<Stripe.TransferCreateReversalParams>()(
        params({
          amount: optional(integer(1)),
          description: optional(text(1_000)),
          metadata: optional(metadata()),
          refund_application_fee: optional(flag()),
        }),
      ),
      async run(context, { amount: asked, description, metadata, refund_application_fee }, path) {
        const transfer = await transferNamed(context, path);
        const { shown, kept } = transfer;
        const amount = asked ?? shown.amount - shown.amount_reversed;
        const feeBack = refund_application_fee === true ? await feeWith(context, transfer, amount) : 0;
        if (refund_application_fee === true && kept.applicationFee === null)
          throw apiError("refund_has_nothing_to_reverse", { charge: shown.id, what: "application fee", param: "refund_application_fee" });
        const change = newMoneyChange();
        const { reversal } = await reverseTransfer(context, change, transfer, {
          amount,
          description: description ?? null,
          metadata: mergeMetadata({}, metadata),
          feeBack,
          sourceRefund: null,
        });
        await finishMoneyChange(context, change);
        return asJson(reversal);
      },
    }),
    operation({
      method: "GET",
      path: "/v1/transfers/:transfer/reversals",
      params: coversStripeParams<Stripe.TransferListReversalsParams>()(params({ ...pageProperties })),
      async run(context, { expand: _, ...page }, path) {
        const { shown } = await transferNamed(context, path);
        return listOwn(context, TRANSFER_REVERSAL, {
          url: shown.reversals.url,
          page,
          parent: shown.id,
        });
      },
    }),
    operation({
      method: "GET",
      path: "/v1/transfers/:transfer/reversals/:reversal",
      params: coversStripeParams<Stripe.TransferRetrieveReversalParams>()(params({})),
      run: async (context, _, path) => asJson((await reversalNamed(context, path)).shown),
    }),
    operation({
      method: "POST",
      path: "/v1/transfers/:transfer/reversals/:reversal",
      params: coversStripeParams<Stripe.TransferUpdateReversalParams>()(params({ metadata: optional(metadata()) })),
      async run(context, { metadata }, path) {
        const reversal = await reversalNamed(context, path);
        const { after } = await changeMoneyObject(context, reversal, { metadata: mergeMetadata(reversal.shown.metadata ?? {}, metadata) });
        return asJson(after.shown);
      },
    }),
  ],
};

async function reversalNamed(context: OperationContext, path: Readonly<Record<string, string>>) {
  const transfer = await transferNamed(context, path);
  const id = path.reversal ?? "";
  const reversal = await ownMoneyObject<Stripe.TransferReversal, object>(context, TRANSFER_REVERSAL, id);
  if (reversal.shown.transfer !== transfer.shown.id)
    throw apiError("resource_missing", { object: TRANSFER_REVERSAL.name, id, param: "id" });
  return reversal;
}

/** The part of a transfer's application fee that is refunded with a partial reversal. */
async function feeWith({ tx }: OperationContext, { shown, kept }: Transfer, amount: number): Promise<number> {
  const row = kept.applicationFee === null ? null : await tx.object(kept.applicationFee);
  if (row === null) return 0;
  const { amount: fee, amount_refunded: refunded } = row.data as unknown as Stripe.ApplicationFee;
  return inProportion(fee, amount, shown.amount, fee - refunded);
}

/**
 * When funds sent from the available balance become available: now. Throws `balance_insufficient` when there are too
 * few.
 */
async function fromBalance(
  { tx, account, livemode, now }: OperationContext,
  amount: number,
  currency: string,
  sourceType: SourceType,
): Promise<number> {
  const { available } = fundsOf(await readBalance(tx, account.id, livemode, now), currency, sourceType);
  if (available < amount) throw apiError("balance_insufficient", { currency, available, param: "amount" });
  return now;
}

/** When funds sent from a charge become available: together with the charge's. Throws when the charge is too small. */
async function fromCharge(context: OperationContext, charge: Charge, amount: number, currency: string): Promise<number> {
  const { shown, kept } = charge;
  const param = "source_transaction";
  const reason = currency !== shown.currency ? `it is in ${shown.currency}` : kept.availableOn === null ? "it has not been captured" : null;
  if (reason !== null || kept.availableOn === null)
    throw apiError("transfer_source_unusable", { charge: shown.id, reason: reason ?? "", param });
  const left = shown.amount - shown.amount_refunded - kept.transferred;
  if (amount > left) throw apiError("transfer_source_too_small", { charge: shown.id, amount, left, param });
  await changeMoneyObject(context, charge, {}, { transferred: kept.transferred + amount });
  return stillPending(kept.availableOn, context.now);
}

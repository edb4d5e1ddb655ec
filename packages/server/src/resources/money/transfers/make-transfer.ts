import type Stripe from "stripe";
import { asJson } from "../../../operations/as-json.ts";
import type { OperationContext } from "../../../operations/operation.ts";
import type { AccountRow, ApplicationRow } from "../../../store/contract/rows.ts";
import type { SourceType } from "../../balance/balance-state.ts";
import { plain, takeApplicationFee } from "../application-fees/application-fee-moves.ts";
import { type MoneyChange, post } from "../money-change.ts";
import { insertMoneyObject, newIdentity } from "../money-object.ts";
import { BLANK_CHARGE, type ChargeKept, type ShownCharge } from "../payments/charge.ts";
import { applicationFeeDetail } from "../stripe-fee.ts";
import { TRANSFER, type Transfer, type TransferKept } from "./transfer.ts";
import type { TransferAbout } from "./transfer-about.ts";

/** The input of a transfer from the caller's account, already checked. */
export interface TransferAsked {
  destination: AccountRow;
  amount: number;
  currency: string;
  /** The charge that funds it. */
  sourceCharge: string | null;
  sourceType: SourceType;
  transferGroup: string | null;
  about: TransferAbout;
  /** Unix milliseconds: now, or when the charge's funds become available. */
  availableOn: number;
  /** The platform's fee, and the application that collects it. */
  applicationFee: { amount: number; application: ApplicationRow } | null;
}

/**
 * Moves funds to another account, which receives them as a payment. The payment has no event, since the catalogue has
 * no `payment.created`.
 * Source: https://docs.stripe.com/api/transfers
 */
export async function makeTransfer(context: OperationContext, change: MoneyChange, asked: TransferAsked): Promise<Transfer> {
  const { account } = context;
  const { destination, amount, currency, sourceCharge, sourceType, transferGroup, availableOn, applicationFee, about } = asked;
  const identity = newIdentity(context, "transfer");
  const payment = newIdentity(context, "payment");
  const out = await post(context, change, account, {
    ...plain(-amount, currency, identity.id, availableOn),
    sourceType,
    type: "transfer",
    description: about.description,
  });
  const feeDetails = applicationFee === null ? [] : [applicationFeeDetail(applicationFee.amount, currency, applicationFee.application.id)];
  const into = await post(context, change, destination, {
    ...plain(amount, currency, payment.id, availableOn),
    fee: applicationFee?.amount ?? 0,
    feeDetails,
    sourceType,
    type: "payment",
    description: about.payment.description,
  });
  const shown = {
    ...identity,
    object: "transfer",
    amount,
    amount_reversed: 0,
    balance_transaction: out,
    currency,
    description: about.description,
    destination: destination.id,
    destination_payment: payment.id,
    metadata: about.metadata,
    reversals: noReversals(identity.id),
    reversed: false,
    source_transaction: sourceCharge,
    source_type: sourceType,
    transfer_group: transferGroup,
  } satisfies Stripe.Transfer;
  change.drafts.push({ account, livemode: context.livemode, type: "transfer.created", object: asJson(shown) });
  const fee =
    applicationFee === null
      ? null
      : await takeApplicationFee(context, change, {
          platform: account,
          application: applicationFee.application,
          account: destination,
          amount: applicationFee.amount,
          currency,
          charge: payment.id,
          originating: sourceCharge,
          availableOn,
        });
  const kept: TransferKept = { availableOn, sourceType, applicationFee: fee };
  const charge = {
    ...payment,
    ...BLANK_CHARGE,
    object: "charge",
    amount,
    amount_captured: amount,
    application: applicationFee?.application.id ?? null,
    application_fee: fee,
    application_fee_amount: applicationFee?.amount ?? null,
    balance_transaction: into,
    captured: true,
    currency,
    ...about.payment,
    payment_method_details: { stripe_account: {}, type: "stripe_account" },
    source_transfer: identity.id,
    transfer_group: transferGroup,
  } satisfies ShownCharge;
  const chargeKept: ChargeKept = { availableOn, bypassesPending: false, transferred: 0 };
  await insertMoneyObject(context, destination, "charge", { shown: charge, kept: chargeKept });
  return insertMoneyObject<Stripe.Transfer, TransferKept>(context, account, TRANSFER.object, { shown, kept });
}

/** The list of a new transfer's reversals, with their count. */
function noReversals(transferId: string): Stripe.ApiList<Stripe.TransferReversal> & { total_count: number } {
  return { object: "list", data: [], has_more: false, total_count: 0, url: `/v1/transfers/${transferId}/reversals` };
}

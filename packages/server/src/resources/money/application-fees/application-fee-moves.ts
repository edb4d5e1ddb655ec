import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../../operations/as-json.ts";
import type { ChangeContext } from "../../../operations/operation.ts";
import type { AccountRow, ApplicationRow } from "../../../store/contract/rows.ts";
import type { LedgerEntry } from "../../balance/balance-transaction.ts";
import { type MoneyChange, post } from "../money-change.ts";
import {
  changeMoneyObject,
  insertMoneyObject,
  type MoneyObject,
  moneyKind,
  newIdentity,
  readMoneyObject,
  withNewest,
} from "../money-object.ts";
import { refundTooLarge } from "../refund-too-large.ts";

export const APPLICATION_FEE = moneyKind("application_fee", "application fee");
export const FEE_REFUND = "fee_refund";

/** The internal state of a fee: when its funds become available, in Unix milliseconds. */
interface FeeKept {
  availableOn: number;
}

export type ApplicationFee = MoneyObject<Stripe.ApplicationFee, FeeKept>;

/** A platform's fee on an account's charge. The account's own transaction has it deducted already. */
interface FeeTaken {
  platform: AccountRow;
  application: ApplicationRow;
  account: AccountRow;
  amount: number;
  currency: string;
  /** The charge on the account, and the platform's charge that led to it, if any. */
  charge: string;
  originating: string | null;
  availableOn: number;
}

/** Credits a platform with its fee. Returns the fee's id. */
export async function takeApplicationFee(context: ChangeContext, change: MoneyChange, fee: FeeTaken): Promise<string> {
  const { platform, application, account, amount, currency, charge, originating, availableOn } = fee;
  const identity = newIdentity(context, "application_fee");
  const transaction = await post(context, change, platform, {
    ...plain(amount, currency, identity.id, availableOn),
    type: "application_fee",
    description: "Application fee",
  });
  const shown = {
    ...identity,
    object: "application_fee",
    account: account.id,
    amount,
    amount_refunded: 0,
    application: application.id,
    balance_transaction: transaction,
    charge,
    currency,
    fee_source: { charge, type: "charge" },
    originating_transaction: originating,
    refunded: false,
    refunds: { object: "list", data: [], has_more: false, url: `/v1/application_fees/${identity.id}/refunds` },
  } satisfies Stripe.ApplicationFee;
  await insertMoneyObject<Stripe.ApplicationFee, FeeKept>(context, platform, "application_fee", { shown, kept: { availableOn } });
  change.drafts.push({ account: platform, livemode: context.livemode, type: "application_fee.created", object: asJson(shown) });
  return identity.id;
}

/** Reads a fee by its id, regardless of its owner. For effects of a change on the account that paid the fee. */
export async function feeOfCharge({ tx }: Pick<ChangeContext, "tx">, id: string): Promise<ApplicationFee | null> {
  const row = await tx.object(id);
  return row?.object === APPLICATION_FEE.object ? readMoneyObject(row) : null;
}

/**
 * Takes a refunded amount of a fee back from the platform. The caller credits the account. Throws
 * `fee_already_refunded` or `refund_too_large`. Returns the refund.
 */
export async function refundApplicationFee(
  context: ChangeContext,
  change: MoneyChange,
  fee: ApplicationFee,
  { amount, metadata = {} }: { amount: number; metadata?: Stripe.Metadata },
): Promise<Stripe.FeeRefund> {
  const { shown, row } = fee;
  const left = shown.amount - shown.amount_refunded;
  if (left === 0) throw apiError("fee_already_refunded", { fee: shown.id });
  if (amount > left) throw refundTooLarge(shown, amount, "application fee");
  const platform = await context.tx.account(row.accountId);
  if (platform === null) throw new Error("A fee belongs to an account.");
  const { livemode: _, ...identity } = newIdentity(context, "fee_refund");
  const transaction = await post(context, change, platform, {
    ...plain(-amount, shown.currency, identity.id, stillPending(fee.kept.availableOn, context.now)),
    type: "application_fee_refund",
    description: "Application fee refund",
  });
  const refund = {
    ...identity,
    object: "fee_refund",
    amount,
    balance_transaction: transaction,
    currency: shown.currency,
    fee: shown.id,
    metadata,
  } satisfies Stripe.FeeRefund;
  await insertMoneyObject(context, platform, FEE_REFUND, { shown: refund, kept: {}, parent: shown.id });
  const { after } = await changeMoneyObject(context, fee, {
    amount_refunded: shown.amount_refunded + amount,
    refunded: amount === left,
    refunds: { ...shown.refunds, ...withNewest(shown.refunds, refund, context.limits.listItemsDefault) },
  });
  change.drafts.push({ account: platform, livemode: context.livemode, type: "application_fee.refunded", object: asJson(after.shown) });
  return refund;
}

/** When a reversal takes effect: together with the funds it reverses while those are pending, otherwise at once. */
export function stillPending(availableOn: number, now: number): number {
  return Math.max(availableOn, now);
}

/** An entry of card money without fees. */
export function plain(amount: number, currency: string, source: string, availableOn: number): Omit<LedgerEntry, "type" | "description"> {
  return { amount, fee: 0, feeDetails: [], currency, source, sourceType: "card", availableOn };
}

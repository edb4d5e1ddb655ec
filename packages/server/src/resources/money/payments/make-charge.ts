import type { ApiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../../operations/as-json.ts";
import type { OperationContext } from "../../../operations/operation.ts";
import type { AccountRow, ApplicationRow } from "../../../store/contract/rows.ts";
import { changeAccountWorld } from "../../account-changes/change-account-world.ts";
import { calculatedDescriptor, statementDescriptors } from "../../connected-account/rendering/statement-descriptors.ts";
import { crossThreshold } from "../../connected-account/requirements/thresholds.ts";
import { readAccountState } from "../../connected-account/state/account-state.ts";
import { readAccountWorld } from "../../connected-account/state/account-world.ts";
import { payoutSchedule } from "../../connected-account/state/payout-schedule.ts";
import { midnightAfter } from "../../connected-account/state/utc-day.ts";
import type { PaymentMethod } from "../../customers/payment-methods/card.ts";
import { cardDeclined, outcomeOf } from "../../customers/payment-methods/declines.ts";
import { billingShown } from "../../customers/payment-methods/payment-method.ts";
import { plain, takeApplicationFee } from "../application-fees/application-fee-moves.ts";
import { openDispute } from "../disputes/open-dispute.ts";
import { type MoneyChange, post } from "../money-change.ts";
import { changeMoneyObject, insertMoneyObject, newIdentity } from "../money-object.ts";
import { applicationFeeDetail, stripeFee, stripeFeeDetail } from "../stripe-fee.ts";
import { makeTransfer } from "../transfers/make-transfer.ts";
import type { TransferAbout } from "../transfers/transfer-about.ts";
import { cardDetails } from "./card-details.ts";
import { BLANK_CHARGE, CHARGE, type Charge, type ChargeKept, type ShownCharge } from "./charge.ts";

/** The other accounts involved in a charge, already checked: see `connect-parts.ts`. */
export interface ConnectParts {
  onBehalfOf: AccountRow | null;
  transfer: { destination: AccountRow; amount: number | null; about: TransferAbout } | null;
  applicationFee: { amount: number; application: ApplicationRow } | null;
}

/** The input of a charge. */
export interface ChargeAsked {
  amount: number;
  currency: string;
  method: PaymentMethod;
  parts: ConnectParts;
  /** Further fields that it shows. */
  about: Pick<
    Stripe.Charge,
    | "customer"
    | "description"
    | "metadata"
    | "payment_intent"
    | "receipt_email"
    | "shipping"
    | "source"
    | "statement_descriptor"
    | "statement_descriptor_suffix"
    | "transfer_group"
  >;
  /** Whether its funds are captured at once, or only held. */
  capture: boolean;
}

/** Charges a card. A declined charge is stored as failed, and `declined` says why. */
export async function makeCharge(
  context: OperationContext,
  change: MoneyChange,
  { amount, currency, method, parts, about, capture }: ChargeAsked,
): Promise<{ charge: Charge; declined: ApiError | null }> {
  const { account, livemode } = context;
  const { card } = method;
  const identity = newIdentity(context, "charge");
  const { decline } = card;
  const shown = {
    ...BLANK_CHARGE,
    ...identity,
    object: "charge",
    amount,
    application: parts.applicationFee?.application.id ?? (account.id === context.caller.id ? null : (context.application?.id ?? null)),
    application_fee_amount: parts.applicationFee?.amount ?? null,
    billing_details: billingShown(method.billing),
    calculated_statement_descriptor: onStatement(context, parts, about.statement_descriptor_suffix ?? about.statement_descriptor),
    currency,
    destination: parts.transfer?.destination.id ?? null,
    ...about,
    on_behalf_of: parts.onBehalfOf?.id ?? null,
    payment_method: method.id,
    payment_method_details: cardDetails(method, amount),
    transfer_data: parts.transfer === null ? null : { amount: parts.transfer.amount, destination: parts.transfer.destination.id },
    transfer_group: about.transfer_group ?? (parts.transfer === null ? null : `group_${about.payment_intent ?? identity.id}`),
    outcome: outcomeOf(decline),
  } satisfies ShownCharge;
  const kept: ChargeKept = {
    availableOn: null,
    bypassesPending: card.bypassesPending,
    transferred: 0,
    ...(card.dispute === undefined || card.dispute === null ? {} : { dispute: card.dispute }),
    ...(capture || parts.transfer === null ? {} : { transferAbout: parts.transfer.about }),
  };
  if (decline !== null) {
    const declined = cardDeclined(decline, { charge: identity.id });
    const failed = { ...shown, failure_code: declined.code ?? null, failure_message: declined.message, paid: false, status: "failed" };
    const charge = await insertMoneyObject<ShownCharge, ChargeKept>(context, account, CHARGE.object, { shown: failed, kept });
    change.drafts.push({ account, livemode, type: "charge.failed", object: asJson(failed) });
    return { charge, declined };
  }
  const held = await insertMoneyObject<ShownCharge, ChargeKept>(context, account, CHARGE.object, { shown, kept });
  if (capture) return { charge: await captureCharge(context, change, held, amount, parts, "charge.succeeded"), declined: null };
  change.drafts.push({ account, livemode, type: "charge.succeeded", object: asJson(held.shown) });
  return { charge: held, declined: null };
}

/**
 * The text on the cardholder's statement: from the account that the charge belongs to, or from an account behind it if
 * that account has no descriptor.
 */
function onStatement({ account, caller }: OperationContext, { onBehalfOf }: ConnectParts, suffix: string | null): string | null {
  for (const { data } of [onBehalfOf ?? account, account, caller]) {
    const said = calculatedDescriptor(statementDescriptors(readAccountState(data).given), suffix);
    if (said !== null) return said;
  }
  return null;
}

/** The descriptor on the statement, if a capture provides one. */
function descriptorSaid(
  context: OperationContext,
  parts: ConnectParts,
  { statement_descriptor, statement_descriptor_suffix }: CaptureAbout,
): Partial<Stripe.Charge> {
  const said = statement_descriptor_suffix ?? statement_descriptor;
  return said === undefined ? {} : { calculated_statement_descriptor: onStatement(context, parts, said) };
}

/** What a capture may say about a charge in addition to its creation. */
export type CaptureAbout = Partial<
  Pick<Stripe.Charge, "receipt_email" | "statement_descriptor" | "statement_descriptor_suffix" | "transfer_group">
>;

/**
 * Captures all or part of a held charge, and splits the funds between Stripe's fee, the platform's fee and a transfer
 * to another account. Records the named event and those that follow.
 */
export async function captureCharge(
  context: OperationContext,
  change: MoneyChange,
  charge: Charge,
  amount: number,
  parts: ConnectParts,
  type: "charge.succeeded" | "charge.captured",
  about: CaptureAbout = {},
): Promise<Charge> {
  const { account, caller, livemode, now } = context;
  const { id, currency } = charge.shown;
  const state = readAccountState(account.data);
  const availableOn = charge.kept.bypassesPending ? now : midnightAfter(now, payoutSchedule(state).delay_days);
  // A charge whose funds are available at once has no fee, so a test can withdraw exactly what it deposited.
  const cost = charge.kept.bypassesPending ? 0 : stripeFee(amount, currency, state.country);
  const platformPays = account.id !== caller.id && state.controller.fees === "application";
  const ownFee = platformPays ? 0 : cost;
  const direct = parts.transfer === null ? parts.applicationFee : null;
  const transaction = await post(context, change, account, {
    ...plain(amount, currency, id, availableOn),
    fee: ownFee + (direct?.amount ?? 0),
    feeDetails: [
      ...(direct === null ? [] : [applicationFeeDetail(direct.amount, currency, direct.application.id)]),
      ...(ownFee === 0 ? [] : [stripeFeeDetail(ownFee, currency)]),
    ],
    type: "charge",
    description: charge.shown.description,
  });
  if (platformPays && cost > 0)
    await post(context, change, caller, {
      ...plain(-cost, currency, id, availableOn),
      type: "stripe_fee",
      description: "Stripe processing fees",
    });
  const at = change.drafts.length;
  const fee =
    direct === null
      ? null
      : await takeApplicationFee(context, change, {
          platform: caller,
          account,
          ...direct,
          currency,
          charge: id,
          originating: null,
          availableOn,
        });
  const transfer =
    parts.transfer === null
      ? null
      : await makeTransfer(context, change, {
          destination: parts.transfer.destination,
          amount: parts.transfer.amount ?? amount,
          currency,
          sourceCharge: id,
          sourceType: "card",
          transferGroup: about.transfer_group ?? charge.shown.transfer_group,
          about: parts.transfer.about,
          availableOn,
          applicationFee: parts.applicationFee,
        });
  const released = charge.shown.amount - amount;
  const { after } = await changeMoneyObject(
    context,
    charge,
    {
      amount_captured: amount,
      amount_refunded: released,
      application_fee: fee ?? transfer?.kept.applicationFee ?? null,
      application_fee_amount: parts.applicationFee?.amount ?? null,
      balance_transaction: transaction,
      captured: true,
      ...about,
      ...descriptorSaid(context, parts, about),
      ...(parts.transfer === null || transfer === null
        ? {}
        : { transfer: transfer.shown.id, transfer_data: { amount: parts.transfer.amount, destination: parts.transfer.destination.id } }),
    },
    { availableOn, transferred: transfer?.shown.amount ?? 0 },
  );
  // Events of a charge's effects come after its own.
  change.drafts.splice(at, 0, { account, livemode, type, object: asJson(after.shown) });
  return after.kept.dispute === undefined ? after : openDispute(context, change, after, after.kept.dispute);
}

/** Applies a card's effect on the account's requirements. Call it last. */
export async function crossedThreshold(context: OperationContext, method: PaymentMethod, parts: ConnectParts): Promise<void> {
  const { threshold } = method.card;
  const account = parts.onBehalfOf ?? (context.account.id === context.caller.id ? null : context.account);
  if (threshold === null || account === null) return;
  const world = await readAccountWorld(context.tx, account, context.limits);
  const crossed = crossThreshold(world, threshold, context.now);
  if (crossed !== world) await changeAccountWorld(context, world, crossed);
}

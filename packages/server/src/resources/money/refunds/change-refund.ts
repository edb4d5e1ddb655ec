import type Stripe from "stripe";
import { asJson } from "../../../operations/as-json.ts";
import type { OperationContext } from "../../../operations/operation.ts";
import { choice, flag, integer, mergeMetadata, metadata, optional } from "../../../operations/parameters.ts";
import type { JsonObject } from "../../../store/contract/rows.ts";
import { finishMoneyChange, newMoneyChange } from "../money-change.ts";
import { changeMoneyObject } from "../money-object.ts";
import type { Charge } from "../payments/charge.ts";
import type { Refund } from "./refund.ts";
import { refundCharge } from "./refund-charge.ts";

/** The parameters of a refund, apart from those that name its charge. */
export const refundProperties = {
  amount: optional(integer(1)),
  metadata: optional(metadata()),
  reason: optional(choice(["duplicate", "fraudulent", "requested_by_customer"])),
  refund_application_fee: optional(flag()),
  reverse_transfer: optional(flag()),
};

/** What a call says about a refund. */
interface RefundTold {
  amount?: number;
  metadata?: Record<string, string | null> | null;
  reason?: Stripe.RefundCreateParams.Reason;
  refund_application_fee?: boolean;
  reverse_transfer?: boolean;
}

/** Refunds a charge as a call asks, with the events. Throws what `refundCharge` throws. */
export async function makeRefund(context: OperationContext, charge: Charge, told: RefundTold): Promise<Stripe.Refund> {
  const change = newMoneyChange();
  const refund = await refundCharge(context, change, charge, {
    amount: told.amount ?? null,
    reason: told.reason ?? null,
    metadata: mergeMetadata({}, told.metadata),
    refundApplicationFee: told.refund_application_fee ?? false,
    reverseTransfer: told.reverse_transfer ?? false,
  });
  await finishMoneyChange(context, change);
  return refund;
}

/** Changes a refund's metadata, with the events. Returns the refund. */
export async function changeRefund(
  context: OperationContext,
  refund: Refund,
  { metadata: told }: Pick<RefundTold, "metadata">,
): Promise<JsonObject> {
  const { account, livemode } = context;
  const { after, previous } = await changeMoneyObject(context, refund, { metadata: mergeMetadata(refund.shown.metadata ?? {}, told) });
  if (previous !== null)
    await context.record(
      (["refund.updated", "charge.refund.updated"] as const).map((type) => ({
        account,
        livemode,
        type,
        object: asJson(after.shown),
        previousAttributes: previous,
      })),
    );
  return asJson(after.shown);
}

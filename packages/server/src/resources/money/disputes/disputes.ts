import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../../operations/as-json.ts";
import { coversStripeParams } from "../../../operations/covers-stripe-params.ts";
import { expanderOf, listOwn } from "../../../operations/object-kind.ts";
import { type OperationContext, operation, type Resource } from "../../../operations/operation.ts";
import { params } from "../../../operations/parameters.ts";
import { timeRange } from "../../../operations/time-range.ts";
import { expandFile } from "../../files/files.ts";
import { ownMoneyObject, readMoneyObject } from "../money-object.ts";
import { CHARGE } from "../payments/charge.ts";
import { PAYMENT_INTENT } from "../payments/payment-intent.ts";
import { giveUpDispute, updateDispute } from "./change-dispute.ts";
import { DISPUTE, type Dispute } from "./dispute.ts";
import { EVIDENCE_FILES, listDisputesParameters, updateDisputeParameters } from "./dispute-parameters.ts";

type Path = Readonly<Record<string, string>>;

const disputeNamed = (context: OperationContext, { dispute = "" }: Path): Promise<Dispute> =>
  ownMoneyObject(context, DISPUTE, dispute, "dispute");

/** Disputes raised by cardholders. Source: https://docs.stripe.com/api/disputes */
export const disputes: Resource = {
  object: DISPUTE.object,
  expandable: {
    balance_transactions: null,
    charge: expanderOf(CHARGE),
    payment_intent: expanderOf(PAYMENT_INTENT),
    ...Object.fromEntries(EVIDENCE_FILES.map((name) => [`evidence.${name}`, expandFile])),
  },
  operations: [
    operation({
      method: "GET",
      path: "/v1/disputes",
      params: listDisputesParameters,
      run: (context, { charge, created, payment_intent, expand: _, ...page }) =>
        listOwn(context, DISPUTE, {
          url: "/v1/disputes",
          page,
          where: { payment_intent },
          ...(charge === undefined ? {} : { parent: charge }),
          created: timeRange(created),
        }),
    }),
    operation({
      method: "GET",
      path: "/v1/disputes/:dispute",
      params: coversStripeParams<Stripe.DisputeRetrieveParams>()(params({})),
      run: async (context, _, path) => asJson((await disputeNamed(context, path)).shown),
    }),
    operation({
      method: "POST",
      path: "/v1/disputes/:dispute",
      params: updateDisputeParameters,
      run: async (context, given, path) => asJson((await updateDispute(context, await disputeNamed(context, path), given)).shown),
    }),
    operation({
      method: "POST",
      path: "/v1/disputes/:dispute/close",
      params: coversStripeParams<Stripe.DisputeCloseParams>()(params({})),
      run: async (context, _, path) => asJson((await giveUpDispute(context, await disputeNamed(context, path))).shown),
    }),
    operation({
      method: "GET",
      path: "/v1/charges/:charge/dispute",
      params: params({}),
      run: async (context, _, path) => asJson((await disputeOfCharge(context, path)).shown),
    }),
    operation({
      method: "POST",
      path: "/v1/charges/:charge/dispute",
      params: updateDisputeParameters,
      run: async (context, given, path) => asJson((await updateDispute(context, await disputeOfCharge(context, path), given)).shown),
    }),
    operation({
      method: "POST",
      path: "/v1/charges/:charge/dispute/close",
      params: params({}),
      run: async (context, _, path) => asJson((await giveUpDispute(context, await disputeOfCharge(context, path))).shown),
    }),
  ],
};

/** The dispute of a charge that a path names. Throws `resource_missing` or `charge_not_disputed`. */
async function disputeOfCharge(context: OperationContext, { charge = "" }: Path): Promise<Dispute> {
  const { tx, account, livemode } = context;
  const { shown } = await ownMoneyObject<Stripe.Charge, object>(context, CHARGE, charge, "charge");
  const filter = { object: DISPUTE.object, accountId: account.id, livemode, parent: shown.id };
  const [row] = (await tx.objects(filter, { limit: 1 })).rows;
  if (row === undefined) throw apiError("charge_not_disputed", { charge: shown.id });
  return readMoneyObject(row);
}

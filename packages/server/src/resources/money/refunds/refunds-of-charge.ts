import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../../operations/as-json.ts";
import { coversStripeParams } from "../../../operations/covers-stripe-params.ts";
import { listOwn } from "../../../operations/object-kind.ts";
import { type Operation, type OperationContext, operation } from "../../../operations/operation.ts";
import { metadata, optional, pageProperties, params } from "../../../operations/parameters.ts";
import { ownMoneyObject } from "../money-object.ts";
import { CHARGE, type Charge } from "../payments/charge.ts";
import { changeRefund, makeRefund, refundProperties } from "./change-refund.ts";
import { REFUND, type Refund } from "./refund.ts";

const chargeNamed = ({ charge = "" }: Path, context: OperationContext): Promise<Charge> => ownMoneyObject(context, CHARGE, charge);

type Path = Readonly<Record<string, string>>;

/**
 * Refunds below their charge, as an expanded charge lists them. Older code creates them here, and so does code that is
 * published today. Source: https://github.com/stripe/openapi
 */
export const refundsOfCharge: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/v1/charges/:charge/refunds",
    params: coversStripeParams<Omit<Stripe.RefundListParams, "charge" | "created" | "payment_intent">>()(params({ ...pageProperties })),
    async run(context, { expand: _, ...page }, path) {
      const { shown } = await chargeNamed(path, context);
      return listOwn(context, REFUND, { url: `/v1/charges/${shown.id}/refunds`, page, parent: shown.id });
    },
  }),
  operation({
    method: "POST",
    path: "/v1/charges/:charge/refunds",
    params: params(refundProperties),
    run: async (context, given, path) => asJson(await makeRefund(context, await chargeNamed(path, context), given)),
  }),
  /** The same, answered with the charge. */
  operation({
    method: "POST",
    path: "/v1/charges/:charge/refund",
    params: params(refundProperties),
    async run(context, given, path) {
      await makeRefund(context, await chargeNamed(path, context), given);
      return asJson((await chargeNamed(path, context)).shown);
    },
  }),
  operation({
    method: "GET",
    path: "/v1/charges/:charge/refunds/:refund",
    params: params({}),
    run: async (context, _, path) => asJson((await refundNamed(context, path)).shown),
  }),
  operation({
    method: "POST",
    path: "/v1/charges/:charge/refunds/:refund",
    params: params({ metadata: optional(metadata()) }),
    run: async (context, given, path) => changeRefund(context, await refundNamed(context, path), given),
  }),
];

/** The refund that a path names. Also throws `resource_missing` for a refund of another charge. */
async function refundNamed(context: OperationContext, path: Path): Promise<Refund> {
  const { shown } = await chargeNamed(path, context);
  const { refund = "" } = path;
  const found: Refund = await ownMoneyObject(context, REFUND, refund);
  if (found.shown.charge !== shown.id) throw apiError("resource_missing", { object: REFUND.name, id: refund, param: "refund" });
  return found;
}

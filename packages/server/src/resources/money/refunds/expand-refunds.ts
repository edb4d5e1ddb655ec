import { childrenOf, listOnExpansion } from "../../../operations/expandable.ts";
import { showMoneyObject } from "../money-object.ts";
import { REFUND } from "./refund.ts";

/** A charge's refunds, newest first. Source: https://docs.stripe.com/api/charges/object#charge_object-refunds */
export const expandRefunds = listOnExpansion([REFUND.object], (context, charges) =>
  childrenOf(
    context,
    charges.map(({ id }) => String(id)),
    { object: REFUND.object, url: (charge) => `/v1/charges/${charge}/refunds`, show: showMoneyObject },
  ),
);

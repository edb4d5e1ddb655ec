import { listOnExpansion } from "../../../operations/expandable.ts";
import { listAnswer } from "../../../operations/parameters.ts";
import { showMoneyObject } from "../money-object.ts";
import { REFUND } from "./refund.ts";

/** A charge's refunds, newest first. Source: https://docs.stripe.com/api/charges/object#charge_object-refunds */
export const expandRefunds = listOnExpansion([REFUND.object], async ({ tx, livemode, limits }, { id }) => {
  const charge = String(id);
  const row = await tx.object(charge);
  const { rows, hasMore } =
    row === null
      ? { rows: [], hasMore: false }
      : await tx.objects({ object: REFUND.object, accountId: row.accountId, livemode, parent: charge }, { limit: limits.listItemsDefault });
  return listAnswer(`/v1/charges/${charge}/refunds`, rows.map(showMoneyObject), hasMore);
});

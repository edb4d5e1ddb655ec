import { asJson } from "../../operations/as-json.ts";
import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import { PAYOUT, readPayout } from "../payouts/payout-state.ts";
import { renderPayout } from "../payouts/render-payout.ts";
import { showMoneyObject } from "./money-object.ts";

/** Renders each kind of object that a balance transaction can come from, by its row's `object`. */
type Renderers = Readonly<Record<string, (row: ObjectRow) => JsonObject>>;

export const balanceSources: Renderers = {
  application_fee: showMoneyObject,
  charge: showMoneyObject,
  dispute: showMoneyObject,
  fee_refund: showMoneyObject,
  refund: showMoneyObject,
  [PAYOUT]: (row) => asJson(renderPayout(readPayout(row))),
  topup: showMoneyObject,
  transfer: showMoneyObject,
  transfer_reversal: showMoneyObject,
};

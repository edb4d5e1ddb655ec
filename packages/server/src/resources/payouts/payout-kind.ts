import { asJson } from "../../operations/as-json.ts";
import type { ObjectKind } from "../../operations/object-kind.ts";
import { PAYOUT, readPayout } from "./payout-state.ts";
import { renderPayout } from "./render-payout.ts";

export const PAYOUT_KIND: ObjectKind = { object: PAYOUT, name: "payout", show: (row) => asJson(renderPayout(readPayout(row))) };

import { answer } from "../../operations/answer.ts";
import type { ObjectKind } from "../../operations/object-kind.ts";
import { PAYOUT, readPayout } from "./payout-state.ts";
import { renderPayout } from "./render-payout.ts";

export const PAYOUT_KIND: ObjectKind = { object: PAYOUT, name: "payout", show: (row) => answer(renderPayout(readPayout(row))) };

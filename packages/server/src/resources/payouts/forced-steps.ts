import { apiError } from "@carabiner/protocol";
import { asJson } from "../../operations/as-json.ts";
import type { Operation, OperationContext } from "../../operations/operation.ts";
import { choice, optional, params } from "../../operations/parameters.ts";
import { testHelper } from "../../operations/test-helper.ts";
import { failPayout, payPayout, submitPayout } from "./move-payout.ts";
import { ownPayout } from "./own-payout.ts";
import { PAYOUT_FAILURE_CODES, type PayoutFailureCode } from "./payout-failures.ts";
import { type Payout, writePayout } from "./payout-state.ts";
import { planPayout } from "./payout-step.ts";
import { renderPayout } from "./render-payout.ts";

/**
 * Test helpers that advance a payout: sooner than the bank would, or with an outcome different from its destination's.
 */
export const forcedSteps: readonly Operation[] = [
  testHelper({
    method: "POST",
    path: "/v1/test_helpers/payouts/:payout/fail",
    params: params({
      /** The failure code; `could_not_process` by default. */
      failure_code: optional(choice(PAYOUT_FAILURE_CODES)),
      /** At once, or after it was paid: on the next business day. */
      at: optional(choice(["after_paid", "now"])),
    }),
    async run(context, { failure_code: code = "could_not_process", at = "now" }, { payout: id = "" }) {
      const payout = await ownPayout(context, id);
      if (["failed", "canceled"].includes(payout.state.status)) throw refused("failed", payout);
      return asJson(renderPayout(at === "now" ? await fail(context, payout, code) : await failAfterPaid(context, payout, code)));
    },
  }),
  testHelper({
    method: "POST",
    path: "/v1/test_helpers/payouts/:payout/pay",
    params: params({}),
    async run(context, _, { payout: id = "" }) {
      const payout = await ownPayout(context, id);
      if (!["pending", "in_transit"].includes(payout.state.status)) throw refused("paid", payout);
      const submitted = await submittedPayout(context, payout);
      const { ending } = submitted.state;
      const paid = { ...submitted, state: { ...submitted.state, ending: ending?.afterPaid === true ? ending : null } };
      return asJson(renderPayout(await payPayout(context, context.account, paid)));
    },
  }),
];

async function fail(context: OperationContext, payout: Payout, code: PayoutFailureCode): Promise<Payout> {
  return failPayout(context, context.account, await submittedPayout(context, payout), code);
}

/** There is no event until the bank reports the failure. */
async function failAfterPaid(context: OperationContext, { row, state }: Payout, code: PayoutFailureCode): Promise<Payout> {
  const failing: Payout = { row, state: { ...state, ending: { failureCode: code, afterPaid: true } } };
  await context.tx.updateObject(writePayout(failing));
  await planPayout(context, failing);
  return failing;
}

/** Steps cannot be skipped: a pending payout is submitted first. */
async function submittedPayout(context: OperationContext, payout: Payout): Promise<Payout> {
  return payout.state.status === "pending" ? submitPayout(context, context.account, payout) : payout;
}

function refused(what: string, { row, state }: Payout): Error {
  return apiError("payout_step_refused", { id: row.id, what, status: state.status });
}

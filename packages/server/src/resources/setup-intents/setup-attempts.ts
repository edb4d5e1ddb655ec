import type Stripe from "stripe";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { expanderOf, listOwn, namedRow } from "../../operations/object-kind.ts";
import { operation, type Resource } from "../../operations/operation.ts";
import { optional, pageProperties, params, text, timeFilter } from "../../operations/parameters.ts";
import { timeRange } from "../../operations/time-range.ts";
import { expandApplication } from "../access/expand-application.ts";
import { expandCustomer } from "../customers/customer.ts";
import { expandPaymentMethod } from "../customers/payment-methods/payment-method.ts";
import { expandAccount } from "../money/expand-account.ts";
import { SETUP_ATTEMPT, SETUP_INTENT } from "./setup-intent.ts";

/** The confirmation attempts of a setup intent. Source: https://docs.stripe.com/api/setup_attempts */
export const setupAttempts: Resource = {
  object: SETUP_ATTEMPT.object,
  expandable: {
    application: expandApplication,
    customer: expandCustomer,
    on_behalf_of: expandAccount,
    payment_method: expandPaymentMethod,
    setup_intent: expanderOf(SETUP_INTENT),
  },
  operations: [
    operation({
      method: "GET",
      path: "/v1/setup_attempts",
      params: coversStripeParams<Stripe.SetupAttemptListParams>()(
        params({ ...pageProperties, created: optional(timeFilter()), setup_intent: text() }),
      ),
      async run(context, { created, setup_intent, expand: _, ...page }) {
        await namedRow(context, SETUP_INTENT, setup_intent, "setup_intent");
        return listOwn(context, SETUP_ATTEMPT, {
          url: "/v1/setup_attempts",
          page,
          parent: setup_intent,
          created: timeRange(created),
        });
      },
    }),
  ],
};

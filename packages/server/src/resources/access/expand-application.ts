import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { expanderOneByOne } from "../../operations/expandable.ts";

/**
 * Loads an application named in a response: callers that see its id may also see its name.
 * Source: https://docs.stripe.com/api/charges/object#charge_object-application
 */
export const expandApplication = expanderOneByOne(["application"], async ({ tx }, id) => {
  const application = await tx.applicationById(id);
  return application === null ? null : asJson({ id, object: "application", name: application.name } satisfies Stripe.Application);
});

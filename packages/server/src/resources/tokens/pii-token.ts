import type Stripe from "stripe";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { hash, text } from "../../operations/parameters.ts";
import { judgePerson } from "../connected-account/requirements/judge.ts";
import { withoutSecrets } from "../persons/change-person.ts";
import { tokenKind } from "./token-kind.ts";

/**
 * A token for the number of a person's identity document: `pii_…`. It replaces the number in `id_number`.
 * Source: https://docs.stripe.com/api/tokens/create_pii
 */
export const piiToken = tokenKind({
  id: "pii_token",
  params: coversStripeParams<Stripe.TokenCreateParams.Pii>()(hash({ id_number: text() })),
  keep: async ({ livemode }, told) => ({ kept: withoutSecrets(told), found: { person: judgePerson(told, livemode) }, shown: {} }),
});

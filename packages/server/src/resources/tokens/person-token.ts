import type Stripe from "stripe";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { hash } from "../../operations/parameters.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import { judgePerson } from "../connected-account/requirements/judge.ts";
import { withoutSecrets } from "../persons/change-person.ts";
import { checkPerson } from "../persons/check-person.ts";
import { personProperties } from "../persons/person-parameters.ts";
import { tokenKind } from "./token-kind.ts";

/** A token for a person of an account: `cpt_…`. Source: https://docs.stripe.com/api/tokens/create_person */
export const personToken = tokenKind({
  id: "person_token",
  params: coversStripeParams<Stripe.TokenCreateParams.Person>()(hash(personProperties)),
  async keep({ now, livemode }, told) {
    checkPerson(told, { hash: "person", now, country: null });
    const found = { person: judgePerson(told as JsonObject, livemode) };
    return { kept: withoutSecrets(told as JsonObject), found, shown: {} };
  },
});

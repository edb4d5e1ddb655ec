import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { choice, hash, optional } from "../../operations/parameters.ts";
import { withDefaults } from "../../operations/with-defaults.ts";
import { bankAccountProperties } from "../external-accounts/external-account-parameters.ts";
import { fingerprints } from "../external-accounts/fingerprint.ts";
import { judgeBankAccount } from "../external-accounts/judge-bank-account.ts";
import type { TokenKept } from "../external-accounts/judged-external-account.ts";
import { tokenKind } from "./token-kind.ts";

/**
 * A bank account token: `btok_…`. The number is judged when the token is created. Its `ba_…` id becomes the bank
 * account's id.
 * Source: https://docs.stripe.com/api/tokens/create_bank_account
 */
export const bankAccountToken = tokenKind({
  id: "bank_account_token",
  params: coversStripeParams<Stripe.TokenCreateParams.BankAccount>()(
    hash({ ...bankAccountProperties, account_type: optional(choice(["checking", "futsu", "savings", "toza"])) }),
    ["payment_method"],
  ),
  async keep({ tx, ids, now, livemode }, told) {
    const judged = judgeBankAccount(told, { livemode, fingerprint: await fingerprints(tx, ids), param: "bank_account" });
    const id = ids.newId("bank_account", now);
    const { country, currency, shown } = judged;
    const bank_account = {
      id,
      object: "bank_account",
      ...withDefaults({ account_holder_name: null, account_holder_type: null, account_type: null, bank_name: null }, shown),
      country,
      currency,
      ...withDefaults({ fingerprint: null, last4: "", routing_number: null }, shown),
      status: "new",
    } satisfies Stripe.BankAccount;
    return { kept: asJson({ id, judged } satisfies TokenKept), shown: asJson({ bank_account }) };
  },
});

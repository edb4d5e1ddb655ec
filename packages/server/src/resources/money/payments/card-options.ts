import type Stripe from "stripe";
import { coversStripeParams } from "../../../operations/covers-stripe-params.ts";
import { choice, clearable, clearableChoice, clearableText, flag, hash, optional, text } from "../../../operations/parameters.ts";
import { OTHER_PAYMENT_METHODS } from "../../customers/payment-methods/other-payment-methods.ts";

const whereAvailable = optional(choice(["if_available", "never"]));

/**
 * The `payment_method_options` of a payment: those of cards. The options about saving and capturing have an effect. The
 * others are only shown, because a card here is never asked for more than its number says.
 */
export const paymentMethodOptions = coversStripeParams<Omit<Stripe.PaymentIntentCreateParams.PaymentMethodOptions, "card">>()(
  hash({
    card: optional(
      clearable(
        coversStripeParams<Stripe.PaymentIntentCreateParams.PaymentMethodOptions.Card>()(
          hash({
            capture_method: optional(clearableChoice(["manual"])),
            network: optional(text()),
            request_extended_authorization: whereAvailable,
            request_incremental_authorization: whereAvailable,
            request_multicapture: whereAvailable,
            request_overcapture: whereAvailable,
            request_three_d_secure: optional(choice(["any", "automatic", "challenge"])),
            require_cvc_recollection: optional(flag()),
            setup_future_usage: optional(clearableChoice(["none", "off_session", "on_session"])),
            statement_descriptor_suffix_kana: optional(clearableText(22)),
            statement_descriptor_suffix_kanji: optional(clearableText(17)),
          }),
          // Options for installments, mandates, credentials, and authentication elsewhere.
          ["cvc_token", "installments", "mandate_options", "moto", "setup_credential_usage", "stored_credential_usage", "three_d_secure"],
        ),
      ),
    ),
  }),
  ["card_present", "interac_present", ...OTHER_PAYMENT_METHODS],
);

type Options = Stripe.PaymentIntent.PaymentMethodOptions;
type Paying = Pick<Stripe.PaymentIntent, "capture_method" | "payment_method_options" | "setup_future_usage">;

const BLANK: Stripe.PaymentIntent.PaymentMethodOptions.Card = {
  installments: null,
  mandate_options: null,
  network: null,
  request_three_d_secure: "automatic",
};

/** The options that a payment shows after a call has set more of them. */
export function optionsShown(told: { card?: object | null } | undefined, before: Options | null = null): Options {
  const card = told?.card === null ? {} : { ...before?.card, ...told?.card };
  const said = Object.fromEntries(Object.entries(card).filter(([, value]) => value !== null));
  return { ...before, card: { ...BLANK, ...said } };
}

/** Whether a payment only places a hold on a card's funds. */
export function holdsOnly({ capture_method, payment_method_options }: Paying): boolean {
  return (payment_method_options?.card?.capture_method ?? capture_method) === "manual";
}

/** Whether a payment saves its card. The option for cards overrides the payment's own. */
export function savesCard({ payment_method_options, setup_future_usage }: Paying): boolean {
  return !["none", null].includes(payment_method_options?.card?.setup_future_usage ?? setup_future_usage);
}

import { API_ERRORS, type ApiError, apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import type { JsonObject } from "../../../store/contract/rows.ts";
import type { Decline } from "./card.ts";

/** What a bank or its network says about a decline, and the parameter at fault. */
interface DeclineSaid {
  advice_code?: Stripe.Charge.Outcome.AdviceCode;
  network_advice_code?: string;
  network_decline_code?: string;
  param?: string;
}

/** By decline code, as in recorded answers of version 2026-06-24.dahlia. */
const SAID: Readonly<Record<string, DeclineSaid>> = {
  card_velocity_exceeded: { advice_code: "try_again_later", network_advice_code: "02", network_decline_code: "61" },
  expired_card: { advice_code: "confirm_card_data", network_advice_code: "03", network_decline_code: "54", param: "exp_month" },
  generic_decline: { advice_code: "try_again_later", network_decline_code: "01" },
  incorrect_cvc: { advice_code: "confirm_card_data", network_advice_code: "03", network_decline_code: "N7", param: "cvc" },
  insufficient_funds: { advice_code: "try_again_later", network_advice_code: "02", network_decline_code: "51" },
  lost_card: { advice_code: "do_not_try_again", network_advice_code: "01", network_decline_code: "41" },
  processing_error: { advice_code: "try_again_later", network_decline_code: "06" },
  stolen_card: { advice_code: "do_not_try_again", network_advice_code: "01", network_decline_code: "43" },
};

/** The code that Stripe itself gives for payments that it blocks. */
const BLOCKED = "fraudulent";

/** The code of a decline. Declines stored by earlier versions lack it where it equals the error's code. */
function codeOf({ declineCode, error }: Decline): string {
  return declineCode ?? API_ERRORS[error].code;
}

/** The error for a declined card. `more` holds further fields of the response. */
export function cardDeclined(decline: Decline, more: JsonObject = {}): ApiError {
  const code = codeOf(decline);
  const { param, ...said } = SAID[code] ?? {};
  return apiError(
    decline.error,
    { reason: decline.reason, ...(param === undefined ? {} : { param }) },
    { decline_code: code, ...said, ...more },
  );
}

/** What an intent keeps of the error for a declined card. */
export function errorKept(declined: ApiError): Stripe.PaymentIntent.LastPaymentError & Stripe.SetupIntent.LastSetupError {
  return { ...declined.toBody().error, type: "card_error" };
}

/** The outcome of a charge; `decline` is null if it was approved. Source: https://docs.stripe.com/declines */
export function outcomeOf(decline: Decline | null): Stripe.Charge.Outcome {
  const unsaid = { advice_code: null, network_advice_code: null, network_decline_code: null };
  if (decline === null)
    return {
      ...unsaid,
      network_status: "approved_by_network",
      reason: null,
      risk_level: "normal",
      seller_message: "Payment complete.",
      type: "authorized",
    };
  const code = codeOf(decline);
  if (code === BLOCKED)
    return {
      ...unsaid,
      network_status: "not_sent_to_network",
      reason: "highest_risk_level",
      risk_level: "highest",
      seller_message: "Stripe blocked this payment as too risky.",
      type: "blocked",
    };
  const { param: _, ...said } = SAID[code] ?? {};
  return {
    ...unsaid,
    ...said,
    network_status: "declined_by_network",
    reason: code,
    risk_level: "normal",
    seller_message:
      code === "generic_decline"
        ? "The bank did not return any further details with this decline."
        : `The bank returned the decline code \`${code}\`.`,
    type: "issuer_declined",
  };
}

import { apiError } from "@carabiner/protocol";
import { choice, list } from "../../../operations/parameters.ts";
import { OTHER_PAYMENT_METHODS } from "./other-payment-methods.ts";

/** The kinds of payment methods that a payment may be made with. Kinds other than cards are shown, but cannot pay. */
export const paymentMethodTypes = list(choice(["card", ...OTHER_PAYMENT_METHODS]));

/**
 * The kinds of payment methods that an intent or a session shows. Throws `value_not_here` if they do not include cards.
 */
export function typesShown(given: readonly string[] | undefined): string[] {
  if (given === undefined) return ["card"];
  const [first] = given;
  if (first !== undefined && !given.includes("card")) throw apiError("value_not_here", { param: "payment_method_types[0]", value: first });
  return [...given];
}

import type Stripe from "stripe";
import { amountShown } from "../../resources/balance/currency.ts";
import type { SessionItem } from "../../resources/checkout/session-items.ts";
import { country } from "../country-field.ts";
import { type Field, field } from "../field.ts";
import { type Html, type HtmlValue, html } from "../html.ts";
import { errorSummary, type HtmlPage } from "../layout.ts";

/** The fields of the page's form. */
export const CHECKOUT_FIELDS = [
  "email",
  "phone",
  "card_number",
  "card_expiry",
  "card_cvc",
  "name",
  "address_line1",
  "address_city",
  "address_state",
  "address_postal_code",
  "address_country",
  "promotion_code",
] as const;

export type CheckoutField = (typeof CHECKOUT_FIELDS)[number];

/** The typed values, by field. */
export type Typed = Partial<Record<CheckoutField, string>>;

/** What the page shows. */
export interface Checkout {
  session: Stripe.Checkout.Session;
  items: readonly SessionItem[];
  /** The name of the payee. */
  seller: string;
  typed: Typed;
  errors: readonly { field: CheckoutField | null; message: string }[];
  formToken: string;
}

/** Asks a customer for a card and the payment. It needs no script. */
export function checkoutPage(checkout: Checkout): HtmlPage {
  const { session, seller, errors, formToken } = checkout;
  const setup = session.mode === "setup";
  const title = setup ? `Save a card with ${seller}` : `Pay ${seller}`;
  const token = html`<input type="hidden" name="form_token" value="${formToken}">`;
  return {
    title,
    livemode: session.livemode,
    body: html`<div class="card"><h1>${title}</h1>${!setup && costs(checkout)}</div>
${errorSummary(errors)}
<form method="post" novalidate>${token}
${about(checkout)}
${needsCard(session) && card(checkout)}
<div class="card"><div class="actions">
<button name="action" value="pay">${actionOf(session)}</button>
${session.cancel_url !== null && html`<button class="bare" name="action" value="cancel" formnovalidate>Go back to ${seller}</button>`}
</div></div></form>`,
  };
}

/** Fields about the payer, when they are not known. */
function about(checkout: Checkout): HtmlValue {
  const { customer, phone_number_collection: phone } = checkout.session;
  const fields = [
    customer === null && input(checkout, { name: "email", label: "Email", type: "email", autocomplete: "email" }),
    phone?.enabled === true && input(checkout, { name: "phone", label: "Phone", type: "tel", autocomplete: "tel" }),
  ].filter((one) => one !== false);
  return fields.length > 0 && html`<div class="card"><fieldset><legend>About you</legend>${fields}</fieldset></div>`;
}

/** Whether a card is needed. It is not when there is nothing to pay. */
export const needsCard = ({ mode, amount_total, payment_method_collection }: Stripe.Checkout.Session): boolean =>
  mode === "setup" || amount_total !== 0 || payment_method_collection === "always";

function actionOf({ mode, amount_total, currency, submit_type }: Stripe.Checkout.Session): string {
  if (mode === "setup") return "Save card";
  const verb = { book: "Book", donate: "Donate" }[String(submit_type)] ?? "Pay";
  return `${verb} ${amountShown(amount_total ?? 0, currency ?? "usd")}`;
}

/** The items, discounts, additions and the total. */
function costs({ session, items }: Checkout): Html {
  const currency = session.currency ?? "usd";
  const { amount_discount = 0, amount_tax = 0 } = session.total_details ?? {};
  const row = (label: HtmlValue, amount: number) => html`<tr><th scope="row">${label}</th><td>${amountShown(amount, currency)}</td></tr>`;
  return html`<table><caption class="soft">What you pay</caption><tbody>
${items.map(({ description, quantity, amounts }) => row(quantity === 1 ? description : html`${description} × ${quantity}`, amounts.subtotal))}
${amount_discount > 0 && row("Discount", -amount_discount)}
${amount_tax > 0 && row("Tax", amount_tax)}
${row(html`<strong>Total</strong>`, session.amount_total ?? 0)}
</tbody></table>`;
}

function card(checkout: Checkout): Html {
  const { session } = checkout;
  const hint = session.livemode ? {} : { hint: "Test mode: 4242 4242 4242 4242 pays, 4000 0000 0000 0002 is declined." };
  return html`<div class="card"><fieldset><legend>Card</legend>
${input(checkout, { name: "card_number", label: "Card number", autocomplete: "cc-number", inputmode: "numeric", ...hint })}
<div class="row">${input(checkout, { name: "card_expiry", label: "Expiry (MM / YY)", autocomplete: "cc-exp" })}${input(checkout, {
    name: "card_cvc",
    label: "Security code",
    autocomplete: "cc-csc",
    inputmode: "numeric",
  })}</div>
${input(checkout, { name: "name", label: "Name on the card", autocomplete: "cc-name" })}
${session.billing_address_collection === "required" && address(checkout)}
${session.allow_promotion_codes === true && code(checkout)}
</fieldset></div>`;
}

function address(checkout: Checkout): Html {
  const of = (name: CheckoutField, label: string, autocomplete: string, required = true) =>
    input(checkout, { name, label, autocomplete, required });
  return html`${of("address_line1", "Street and number", "billing address-line1")}
<div class="row">${of("address_postal_code", "Postal code", "billing postal-code", false)}${of("address_city", "City", "billing address-level2")}${of(
    "address_state",
    "State or region",
    "billing address-level1",
    false,
  )}</div>
${country(checkout.typed.address_country ?? "US", errorOf(checkout, "address_country"), {
  name: "address_country",
  autocomplete: "billing country",
})}`;
}

function code(checkout: Checkout): Html {
  return html`${input(checkout, { name: "promotion_code", label: "Promotion code", required: false, autocomplete: "off" })}
<div class="actions"><button class="quiet" name="action" value="apply" formnovalidate>Apply the code</button></div>`;
}

function input(checkout: Checkout, { name, ...about }: Omit<Field, "value" | "error" | "name"> & { name: CheckoutField }): Html {
  // A card's number and code are never sent back to the browser.
  const value = name === "card_number" || name === "card_cvc" ? "" : (checkout.typed[name] ?? "");
  return field({ ...about, name, value, error: errorOf(checkout, name) });
}

const errorOf = ({ errors }: Checkout, name: CheckoutField): string | undefined => errors.find((error) => error.field === name)?.message;

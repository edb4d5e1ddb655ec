import type { AccountState } from "../../resources/connected-account/state/account-state.ts";
import type { ExternalAccount } from "../../resources/connected-account/state/external-account-state.ts";
import type { PayoutState } from "../../resources/payouts/payout-state.ts";
import { field } from "../field.ts";
import { html } from "../html.ts";
import { errorSummary, type HtmlPage } from "../layout.ts";
import { BANK_FIELDS, type FieldError } from "../setup/parameters-of-form.ts";

/** What the user of an Express account sees. */
export interface Express {
  id: string;
  name: string;
  state: AccountState;
  platform: string;
  livemode: boolean;
  /** In the currency's smallest unit. */
  balance: readonly { currency: string; available: number; pending: number }[];
  externalAccounts: readonly ExternalAccount[];
  /** Newest first. */
  payouts: readonly { id: string; state: PayoutState }[];
  /** The routing number of the country's test banks; null when account numbers include the bank. */
  testBank: { routing: string | null; number: string } | undefined;
  errors: readonly FieldError[];
  saved: boolean;
  formToken: string;
}

/** The page that a login link opens. */
export function expressPage(express: Express): HtmlPage {
  const { id, name, state, platform, livemode, balance, externalAccounts, payouts, testBank, errors, saved, formToken } = express;
  const { derived } = state;
  const [number, routing] = BANK_FIELDS;
  const errorOf = (of: string) => errors.find((error) => error.field === of)?.message;
  return {
    title: name,
    livemode,
    body: html`<div class="card"><h1>${name}</h1>
<p class="soft">Your account with ${platform}, which manages it for you.</p>
<dl><dt>Account</dt><dd><code>${id}</code></dd>
<dt>Payments</dt><dd>${derived.chargesEnabled ? "enabled" : "not enabled yet"}</dd>
<dt>Payouts</dt><dd>${derived.payoutsEnabled ? "enabled" : "not enabled yet"}</dd>
${balance.map(({ currency, available, pending }) => html`<dt>Balance</dt><dd>${money(available, currency)} available, ${money(pending, currency)} on the way</dd>`)}</dl></div>
${saved && html`<div class="good" role="status"><p>The bank account is saved. Future payouts go to it.</p></div>`}
${errorSummary(errors)}
<div class="card"><h2>Payouts</h2>${
      payouts.length === 0
        ? html`<p class="soft">There are no payouts yet.</p>`
        : html`<table><thead><tr><th scope="col">Arrives</th><th scope="col">Amount</th><th scope="col">Status</th></tr></thead><tbody>
${payouts.map(({ state: payout }) => html`<tr><td>${new Date(payout.arrivalDate).toISOString().slice(0, 10)}</td><td>${money(payout.amount, payout.currency)}</td><td>${payout.status.replace("_", " ")}</td></tr>`)}</tbody></table>`
    }</div>
<div class="card"><form method="post" novalidate><input type="hidden" name="form_token" value="${formToken}">
<fieldset><legend>Where your payouts go</legend>
${
  externalAccounts.length === 0
    ? html`<p class="hint">There is no bank account yet.</p>`
    : html`<ul class="plain">${externalAccounts.map(
        ({ state: one }) =>
          html`<li>${String(one.shown.bank_name ?? one.shown.brand ?? "Bank account")} ending in ${String(one.shown.last4)}, ${one.currency.toUpperCase()}${one.defaultForCurrency && " · used for payouts"}${one.status === "errored" && " · the last payout to it failed"}</li>`,
      )}</ul>`
}
${
  testBank?.routing !== null && testBank !== undefined
    ? field({
        name: routing,
        label: "Routing number",
        value: "",
        autocomplete: "off",
        error: errorOf(routing),
        ...(livemode ? {} : { hint: `Test mode: ${testBank.routing} passes.` }),
      })
    : null
}
${field({
  name: number,
  label: testBank?.routing === null ? "IBAN" : "Account number",
  value: "",
  autocomplete: "off",
  error: errorOf(number),
  ...(livemode || testBank === undefined ? {} : { hint: `Test mode: ${testBank.number} works.` }),
})}
</fieldset><div class="actions"><button name="action" value="bank">Use this bank account</button></div></form></div>
<div class="card"><h2>Leaving</h2><p class="soft">${platform} controls this account, so it cannot be disconnected from here. Ask ${platform} to close it.</p></div>`,
  };
}

/** An amount in its currency, for people. */
function money(amount: number, currency: string): string {
  const format = new Intl.NumberFormat("en", { style: "currency", currency: currency.toUpperCase() });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

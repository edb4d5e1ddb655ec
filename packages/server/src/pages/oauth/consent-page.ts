import type { AuthorizationRequest } from "../../resources/connections/authorization-request.ts";
import { country as countryField } from "../country-field.ts";
import { field } from "../field.ts";
import { type Html, html } from "../html.ts";
import { errorSummary, type HtmlPage } from "../layout.ts";

/** An account that the user may choose. */
export interface Choice {
  id: string;
  name: string;
  /** Further facts that identify it: its address, its country. */
  about: string;
  connected: boolean;
}

/** The values of the forms, by field. */
export interface ConsentEntries {
  account?: string | undefined;
  key?: string | undefined;
  email?: string | undefined;
  business_name?: string | undefined;
  country?: string | undefined;
}

/** What the consent page shows. */
export interface Consent {
  asked: Pick<AuthorizationRequest, "application" | "scope" | "landing">;
  /** Whether to make an Express account, which is always new. */
  express: boolean;
  choices: readonly Choice[];
  /** Whether the user may pick an account without proving that it is theirs with its key. */
  mayPick: boolean;
  entered: ConsentEntries;
  errors: readonly { field: keyof ConsentEntries; message: string }[];
  formToken: string;
}

/** Asks a user to connect a platform to one of their accounts. */
export function consentPage(consent: Consent): HtmlPage {
  const { application, scope, landing } = consent.asked;
  const existing = consent.express ? null : existingForm(consent);
  const made = newForm(consent);
  return {
    title: `Connect with ${application.name}`,
    livemode: application.livemode,
    body: html`<div class="card">
<h1>Connect your account to ${application.name}</h1>
<p class="soft">${application.name} wants to connect to ${consent.express ? "an account that it will manage for you" : "your account"}. If you agree, it will be able to:</p>
<ul class="grants">
<li>See the account: its details, its people, its balance and its payouts</li>
${
  scope === "read_write" || consent.express
    ? html`<li>Act for it: take payments, pay out, and change the account</li>`
    : html`<li>Make no changes</li>`
}
<li>Be notified of everything that happens to it, until you disconnect</li>
</ul>
</div>
${errorSummary(consent.errors)}
${landing === "login" ? [existing, made] : [made, existing]}
<div class="card"><form method="post">${token(consent)}
<p class="soft">Changed your mind? Nothing has been connected yet.</p>
<div class="actions"><button class="quiet" name="action" value="deny">Go back to ${application.name}</button></div></form></div>`,
  };
}

function existingForm(consent: Consent): Html {
  const { choices, mayPick, entered } = consent;
  const wrong = errorOf(consent);
  return html`<div class="card"><form method="post" autocomplete="off">${token(consent)}
<fieldset><legend>Use an existing account</legend>
${
  mayPick
    ? html`<p class="hint">This is a development server, so you can act for any account on it.</p>
${choices.map(
  ({
    id,
    name,
    about,
    connected,
  }) => html`<label class="choice"><input type="radio" name="account" value="${id}"${entered.account === id && html` checked`}>
<span>${name}<small>${about}${connected && " · already connected"}</small></span></label>`,
)}
${field({ name: "key", label: choices.length === 0 ? "Its id or its secret key" : "Another account: its id or its secret key", value: entered.key ?? "", required: false, error: wrong("key") ?? wrong("account"), hint: "acct_… or sk_…" })}`
    : field({
        name: "key",
        label: "Secret key of the account",
        type: "password",
        value: "",
        autocomplete: "off",
        error: wrong("key"),
        hint: "It proves that the account is yours. It is checked once and not stored.",
      })
}
</fieldset>
<div class="actions"><button name="action" value="connect">Connect this account</button></div></form></div>`;
}

function newForm(consent: Consent): Html {
  const { entered, express } = consent;
  const { livemode } = consent.asked.application;
  const wrong = errorOf(consent);
  return html`<div class="card"><form method="post">${token(consent)}
<fieldset><legend>Create a new ${express ? "Express account" : "account"}</legend>
${field({ name: "email", label: "Email address", type: "email", autocomplete: "email", value: entered.email ?? "", error: wrong("email") })}
${field({ name: "business_name", label: "Business name", autocomplete: "organization", value: entered.business_name ?? "", required: false, error: wrong("business_name") })}
${countryField(entered.country ?? "US", wrong("country"))}
</fieldset>
<div class="actions"><button name="action" value="create">Create the account and connect it</button>
${!livemode && html`<button class="quiet" name="action" value="skip" formnovalidate>Skip this form</button>`}</div>
${!livemode && html`<p class="hint">In test mode you can skip the form: a test account is created from the details already known, and connected.</p>`}
</form></div>`;
}

const errorOf =
  ({ errors }: Consent) =>
  (name: keyof ConsentEntries): string | undefined =>
    errors.find(({ field }) => field === name)?.message;

const token = ({ formToken }: Consent): Html => html`<input type="hidden" name="form_token" value="${formToken}">`;

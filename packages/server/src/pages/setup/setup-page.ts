import type { AccountWorld } from "../../resources/connected-account/state/account-world.ts";
import { testBankNumbers } from "../../resources/external-accounts/test-numbers/bank-numbers.ts";
import { field } from "../field.ts";
import { type Html, type HtmlValue, html } from "../html.ts";
import { errorSummary, type HtmlPage } from "../layout.ts";
import type { AskedField, Section } from "./asked-fields.ts";
import { isDocument, wordsOf } from "./field-words.ts";
import { BANK_FIELDS, type FieldError, type FormEntries, roleConfirmed, testValue } from "./parameters-of-form.ts";

/** What the onboarding page shows. */
export interface Setup {
  world: AccountWorld;
  /** The name of the platform that sent the user here. */
  platform: string;
  livemode: boolean;
  purpose: "account_onboarding" | "account_update";
  sections: readonly Section[];
  entered: FormEntries;
  errors: readonly FieldError[];
  /** Whether the user has just saved something and more is due. */
  saved: boolean;
  formToken: string;
}

/** Asks an account's user for what is required. */
export function setupPage(setup: Setup): HtmlPage {
  const { platform, livemode, sections, saved, errors, formToken } = setup;
  const token = html`<input type="hidden" name="form_token" value="${formToken}">`;
  const nothing = sections.length === 0;
  return {
    title: nothing ? "Nothing is needed" : "Your account",
    livemode,
    body: html`<div class="card">
<h1>${nothing ? "Nothing is needed at the moment" : setup.purpose === "account_update" ? "Keep your account up to date" : "Set up your account"}</h1>
<p class="soft">${
      nothing
        ? html`${platform} has everything that your account requires.`
        : html`${platform} works with you through an account on this server. It still needs the following.`
    }</p>
${saved && !nothing && html`<div class="good" role="status"><p>Saved. There is a little more to do.</p></div>`}
${
  !livemode && !nothing
    ? html`<div class="note"><p><strong>This is test mode.</strong> Nothing here is real, so do not enter real data. Each field says which values pass.</p>
<form method="post">${token}<div class="actions"><button class="quiet" name="action" value="fill">Use test values</button></div></form></div>`
    : null
}
</div>
${errorSummary(errors.map(({ field: name, message }) => ({ field: name, message: name === null ? message : `${labelOf(sections, name)}: ${message}` })))}
<form method="post" novalidate>${token}
${sections.map(
  ({ title, fields }) =>
    html`<div class="card"><fieldset><legend>${title}</legend>${inRows(fields).map((row) => rowOf(setup, row, fields))}</fieldset></div>`,
)}
<div class="card"><div class="actions">
${!nothing && html`<button name="action" value="save">${setup.purpose === "account_update" ? "Save" : "Agree and continue"}</button>`}
<button class="${nothing ? "" : "bare"}" name="action" value="leave">Return to ${platform}</button>
</div></div></form>`,
  };
}

/** A field's name, without the label beside it. */
function labelOf(sections: readonly Section[], name: string): string {
  const [number, routing] = BANK_FIELDS;
  const own = { [number]: "Account number", [routing]: "Routing number" }[name];
  if (own !== undefined) return own;
  if (name.includes("tos_acceptance")) return "Terms";
  const one = sections.flatMap(({ fields }) => fields).find((field) => field.name === name);
  return wordsOf(one?.path ?? name).label;
}

/** One row. If it has several fields, the effects of test values are shown once below it. */
function rowOf(setup: Setup, row: readonly AskedField[], section: readonly AskedField[]): HtmlValue {
  const [first] = row;
  if (row.length === 1 && first !== undefined)
    return [asked(setup, first), first.path === "business_profile.url" ? website(setup, section) : null];
  const tests = setup.livemode ? [] : row.flatMap(({ path }) => wordsOf(path).test ?? []);
  return html`<div class="row">${row.map((one) => asked(setup, one, true))}</div>${tests.length > 0 && html`<p class="hint">Test mode: ${tests.join(" ")}</p>`}`;
}

/** Fields in rows: the parts of a date, or of an address, are side by side. */
function inRows(fields: readonly AskedField[]): AskedField[][] {
  const rows: AskedField[][] = [];
  for (const one of fields) {
    const kind = /(?:^|\.)(dob\.|address\.(?!line))/.exec(one.path)?.[1];
    const last = rows.at(-1);
    const beside = kind !== undefined && last !== undefined && /(?:^|\.)(dob\.|address\.(?!line))/.exec(last[0]?.path ?? "")?.[1] === kind;
    if (beside) last.push(one);
    else rows.push([one]);
  }
  return rows;
}

function asked(setup: Setup, one: AskedField, inRow = false): HtmlValue {
  const { world, entered, livemode } = setup;
  const { name, path, required } = one;
  if (name === "external_account") return bankFields(setup);
  if (name.endsWith("tos_acceptance.ip")) return null;
  if (name.endsWith("tos_acceptance.date"))
    return checkbox(setup, name, `I accept the terms of ${name.startsWith("settings.") ? "this feature" : "service"}.`);
  const role = roleConfirmed(name);
  if (role !== null)
    return checkbox(
      setup,
      name,
      `Everyone who is ${role === "owner" ? "an owner of 25 percent or more" : role === "director" ? "a director" : "an executive"} has been named.`,
    );
  const words = wordsOf(path);
  const test = livemode || inRow ? undefined : (words.test ?? testHint(testValue(world, one), words.options !== undefined));
  const hint = [reasonOf(setup, name), words.hint, test === undefined ? undefined : `Test mode: ${test}`]
    .filter((part) => part !== undefined)
    .join(" · ");
  const options = isDocument(path) && !livemode ? documentOptions(path) : words.options;
  return field({
    name,
    label: isDocument(path) && livemode ? `${words.label}: the id of the uploaded file` : words.label,
    value: entered.get(name) ?? "",
    required: required && !(path === "business_profile.url"),
    error: errorOf(setup, name),
    ...(hint === "" ? {} : { hint }),
    ...(options === undefined ? {} : { options }),
    ...(words.type === undefined ? {} : { type: words.type }),
    ...(words.autocomplete === undefined ? {} : { autocomplete: words.autocomplete }),
    ...(words.inputmode === undefined ? {} : { inputmode: words.inputmode }),
  });
}

const testHint = (value: string | undefined, chosen: boolean): string | undefined =>
  value === undefined || chosen ? undefined : `for example ${value}.`;

/** A description can replace the website. */
function website(setup: Setup, fields: readonly AskedField[]): HtmlValue {
  const names = fields.map(({ name }) => name);
  if (!names.includes("business_profile.url") || names.includes("business_profile.product_description")) return null;
  const name = "business_profile.product_description";
  return field({
    name,
    label: "No website? Say what the business sells, and to whom",
    value: setup.entered.get(name) ?? "",
    required: false,
    error: errorOf(setup, name),
  });
}

function bankFields(setup: Setup): Html {
  const { world, entered, livemode } = setup;
  const [number, routing] = BANK_FIELDS;
  const numbers = testBankNumbers(world.state.country);
  const passes = numbers.find(({ outcome }) => outcome === "success");
  const fails = numbers.find(({ outcome }) => outcome === "account_closed");
  const hint = `Test mode: ${passes?.number ?? ""} works; payouts to ${fails?.number ?? ""} fail.`;
  return html`${
    passes?.routing !== null && passes !== undefined
      ? field({
          name: routing,
          label: "Routing number",
          value: entered.get(routing) ?? "",
          error: errorOf(setup, routing),
          autocomplete: "off",
          ...(livemode ? {} : { hint: `Test mode: ${passes.routing} passes.` }),
        })
      : null
  }${field({
    name: number,
    label: passes?.routing === null ? "IBAN" : "Account number",
    value: entered.get(number) ?? "",
    error: errorOf(setup, number) ?? errorOf(setup, "external_account"),
    autocomplete: "off",
    ...(livemode ? {} : { hint }),
  })}`;
}

function checkbox(setup: Setup, name: string, label: string): Html {
  const error = errorOf(setup, name);
  return html`<label class="choice" for="${name}"><input type="checkbox" id="${name}" name="${name}" value="true"${setup.entered.has(name) && html` checked`}${error !== undefined && html` aria-invalid="true" aria-describedby="${name}-error"`}><span>${label}</span></label>${error !== undefined && html`<p class="error" id="${name}-error">${error}</p>`}`;
}

const documentOptions = (path: string): readonly (readonly [string, string])[] => {
  const kind = path.endsWith("files") ? "file_relationship_document" : "file_identity_document";
  return [
    ["", "Choose one"],
    [`${kind}_success`, "A document that passes"],
    [`${kind}_${path.endsWith("files") ? "invalid" : "failure"}`, "A document that fails"],
  ];
};

/** Why the page asks for a field again. */
function reasonOf({ world }: Setup, name: string): string | undefined {
  return world.state.derived.requirements.errors?.find(({ requirement }) => requirement === name)?.reason;
}

const errorOf = ({ errors }: Setup, name: string): string | undefined => errors.find(({ field }) => field === name)?.message;

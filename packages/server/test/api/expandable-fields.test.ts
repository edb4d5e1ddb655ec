import { describe, expect, test } from "vitest";
import { declaredAt, expandables } from "../../src/api/expandable-fields.ts";
import { resources } from "../../src/resources/resources.ts";
import { STRIPE_EXPANDABLE } from "./stripe-expandable.ts";

/** Kinds of object in which Stripe expands nothing. */
const NOTHING_TO_EXPAND = [
  "account_link",
  "apple_pay_domain",
  "ephemeral_key",
  "login_link",
  "payment_page",
  "test_helpers.requirement",
  "webhook_endpoint",
  "v2.core.account",
  "v2.core.account_link",
  "v2.core.account_person",
  "v2.core.account_person_token",
  "v2.core.account_token",
  "v2.core.event",
  "v2.core.event_destination",
];

/** Fields that Stripe expands and Carabiner refuses to, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  "product.tax_code": "tax is out of scope",
  "customer.subscriptions": "billing is out of scope",
  "customer.tax_ids": "tax is out of scope",
};

/** Fields that Stripe expands and that hold no id here, and why. */
const NEVER_SET: Readonly<Record<string, string>> = {
  "bank_account.customer": "bank accounts belong to accounts",
  "checkout.session.invoice": "billing is out of scope",
  "checkout.session.payment_link": "there are no payment links",
  "checkout.session.subscription": "billing is out of scope",
  "charge.review": "there is no Radar",
  "customer.test_clock": "the server's clock is turned instead",
  "payment_intent.review": "there is no Radar",
  "payout.application_fee": "payouts have no fees",
  "setup_intent.mandate": "cards need no mandates",
  "setup_intent.single_use_mandate": "cards need no mandates",
  "topup.payment_method": "top-ups come from bank accounts",
};

const all = expandables(resources);
const kinds = [...new Set(resources.map(({ object }) => object))].sort();
const split = (fields: string) => fields.split(/\s+/).filter((field) => field !== "");

test("of every kind of object it is known what Stripe expands", () => {
  expect(kinds.filter((kind) => STRIPE_EXPANDABLE[kind] === undefined && !NOTHING_TO_EXPAND.includes(kind))).toEqual([]);
});

describe.each(kinds.filter((kind) => STRIPE_EXPANDABLE[kind] !== undefined))("%s", (kind) => {
  const { ids, hashes } = STRIPE_EXPANDABLE[kind] ?? { ids: "", hashes: "" };

  test("expands what Stripe expands", () => {
    const missing = split(ids).filter((field) => declaredAt(all, kind, field) === undefined);
    expect(missing).toEqual(split(ids).filter((field) => REFUSED[`${kind}.${field}`] !== undefined));
  });

  test("loads what it expands, unless there is never anything to load", () => {
    const unset = split(ids).filter((field) => declaredAt(all, kind, field) === null);
    expect(unset).toEqual(split(ids).filter((field) => NEVER_SET[`${kind}.${field}`] !== undefined));
  });

  test("says what it loads, so that paths are checked where nothing is there", () => {
    const declared = Object.entries(all.fields.get(kind) ?? {});
    expect(declared.filter(([, field]) => field !== null && field.objects === undefined).map(([name]) => name)).toEqual([]);
  });

  test("accepts its own hashes", () => {
    expect(split(hashes).filter((field) => declaredAt(all, kind, field) === undefined)).toEqual([]);
  });

  test("expands nothing that Stripe does not", () => {
    const known = [...split(ids), ...split(hashes)];
    expect(Object.keys(all.fields.get(kind) ?? {}).filter((field) => !known.includes(field))).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../../limits.ts";
import type { JsonObject } from "../../../store/contract/rows.ts";
import { type AccountChange, changeAccount } from "../../accounts/change-account.ts";
import { deriveWorld } from "../requirements/derive-world.ts";
import { type AccountState, readAccountState } from "../state/account-state.ts";
import type { AccountWorld } from "../state/account-world.ts";
import { newAccount } from "../state/new-account.ts";
import { accountObject } from "./render-account.ts";

const express = newAccount({ country: "DE", type: "express", createdBy: "acct_platform", livemode: false });
const worldOf = (state: AccountState = express): AccountWorld => ({
  row: { id: "acct_1", created: 1_700_000_000_999, apiVersion: "2026-10-28.endive", deleted: false, data: {} },
  state,
  persons: [],
  externalAccounts: [],
  customer: null,
});
const toldWorld = (change: AccountChange, state = express): AccountWorld =>
  changeAccount(worldOf(state), change, { id: "person_1", now: 1_700_000_001_000, livemode: false });
const seen = (world: AccountWorld, view = { controls: true, full: true }) =>
  accountObject(deriveWorld(world, 1_700_000_001_000, DEFAULT_LIMITS).world, view, { livemode: false, limits: DEFAULT_LIMITS });
const told = (change: AccountChange) => seen(toldWorld(change));

describe("a fresh account", () => {
  it("says what it is and nothing of what it was not told", () => {
    expect(seen(worldOf())).toMatchObject({
      id: "acct_1",
      object: "account",
      business_profile: { mcc: null, name: null, support_address: null, url: null },
      business_type: null,
      capabilities: {},
      charges_enabled: false,
      controller: {
        type: "application",
        is_controller: true,
        fees: { payer: "application_express" },
        losses: { payments: "application" },
        requirement_collection: "stripe",
        stripe_dashboard: { type: "express" },
      },
      country: "DE",
      created: 1_700_000_000,
      default_currency: "eur",
      details_submitted: false,
      email: null,
      external_accounts: { object: "list", data: [], has_more: false, url: "/v1/accounts/acct_1/external_accounts" },
      metadata: {},
      payouts_enabled: false,
      requirements: {
        currently_due: ["business_type", "external_account", "tos_acceptance.date", "tos_acceptance.ip"],
        disabled_reason: "requirements.past_due",
      },
      settings: {
        dashboard: { display_name: null, timezone: "Etc/UTC" },
        payouts: { debit_negative_balances: true, schedule: { delay_days: 7, interval: "daily" }, statement_descriptor: null },
      },
      tos_acceptance: { date: null, ip: null, user_agent: null },
      type: "express",
    });
  });

  it("shows who controls it to nobody else", () => {
    const strange = seen(worldOf(), { controls: false, full: false });
    expect(strange.controller).toEqual({ type: "application" });
    expect(strange).not.toHaveProperty("external_accounts");
    expect(
      seen(worldOf(newAccount({ country: "US", type: "standard", livemode: false })), { controls: false, full: true }).controller,
    ).toEqual({
      type: "account",
    });
  });

  it("of which the row says nothing at all is a standard one", () => {
    expect(seen(worldOf(readAccountState({})), { controls: false, full: true })).toMatchObject({
      type: "standard",
      country: "US",
      default_currency: "usd",
    });
  });

  it("does not take from a custom account what it owes", () => {
    const custom = seen(worldOf(newAccount({ country: "US", type: "custom", livemode: false })));
    expect(custom.settings?.payouts).toMatchObject({ debit_negative_balances: false, schedule: { delay_days: 2 } });
  });
});

describe("a company", () => {
  it.each([undefined, { city: "Berlin" }])("is in its account's country when it does not say where: %o", (address) => {
    const world = worldOf({
      ...newAccount({ country: "DE", type: "custom", livemode: false }),
      given: { business_type: "company", company: address === undefined ? {} : { address } },
    });
    expect(seen(world).company?.address).toMatchObject({ ...address, country: "DE", line1: null });
  });
});

describe("a company of an account", () => {
  const companyIn = (country: string, given: JsonObject = {}) =>
    seen(worldOf({ ...newAccount({ country, type: "custom", livemode: false }), given: { business_type: "company", ...given } })).company;
  const more = ["name_kana", "name_kanji", "ownership_declaration", "vat_id_provided"];

  it.each(["AE", "AO", "CL", "KR"])("in %s shows what companies elsewhere show once it is given", (country) => {
    expect(companyIn(country)).toMatchObject({ name_kana: null, name_kanji: null, ownership_declaration: null, vat_id_provided: false });
    expect(companyIn(country, { company: { vat_id_provided: true } })?.vat_id_provided).toBe(true);
  });

  it.each(["US", "CA", "SG", "DE", "IS", "IN", "MC"])("in %s does not", (country) => {
    for (const field of more) expect(companyIn(country)).not.toHaveProperty(field);
  });

  it("names all of its people when it is an individual", () => {
    const named = (given: JsonObject) => {
      const { directors_provided, executives_provided, owners_provided } = companyIn("US", given) ?? {};
      return [directors_provided, executives_provided, owners_provided];
    };
    expect(named({ business_type: "individual" })).toEqual([true, true, true]);
    expect(named({})).toEqual([false, false, false]);
    expect(named({ company: { owners_provided: true } })).toEqual([false, false, true]);
  });
});

describe("statement descriptors", () => {
  it.each([
    [{ name: "Buy More, LLC", url: "https://vipul.example.com" }, "BUY MORE, LLC", "BUY MORE,"],
    [{ url: "https://www.vipul.example.com/shop" }, "VIPUL.EXAMPLE.COM", "VIPUL.EXAM"],
    [{ name: "Bo" }, null, null],
  ])("come of the business's name, or else of its website: %o", (business_profile, descriptor, prefix) => {
    expect(told({ business_profile }).settings).toMatchObject({
      payments: { statement_descriptor: descriptor },
      card_payments: { statement_descriptor_prefix: prefix },
    });
  });

  it("have no prefix of their own beside one that was given", () => {
    const given: AccountChange = { business_profile: { name: "Buy More" }, settings: { payments: { statement_descriptor: "OTHER NAME" } } };
    expect(told(given).settings).toMatchObject({
      payments: { statement_descriptor: "OTHER NAME" },
      card_payments: { statement_descriptor_prefix: null },
    });
  });
});

describe("an account that was told something", () => {
  it("shows of secrets only that they were given, and keeps no more", () => {
    const change: AccountChange = {
      company: { name: "Acme", tax_id: "000000001", vat_id: "DE000000002" },
      individual: { first_name: "Jenny", id_number: "000000003", id_number_secondary: "000000004", ssn_last_4: "0005" },
      settings: { paypay_payments: { site: { in_development: { password: "000000006", username: "jenny" }, type: "in_development" } } },
    };
    const { state, persons } = toldWorld(change);
    expect(JSON.stringify([state, persons.map((person) => person.state)])).not.toMatch(/0{8}|0005/);
    expect(told(change)).toMatchObject({
      company: { name: "Acme", tax_id_provided: true, vat_id_provided: true },
      individual: {
        id: "person_1",
        object: "person",
        account: "acct_1",
        created: 1_700_000_001,
        first_name: "Jenny",
        id_number_provided: true,
        id_number_secondary_provided: true,
        ssn_last_4_provided: true,
      },
      settings: { paypay_payments: { site: { type: "in_development", in_development: { password_provided: true, username: "jenny" } } } },
    });
  });

  it("shows a capability asked for as inactive, and one no longer asked for not at all", () => {
    expect(told({ capabilities: { transfers: { requested: true }, card_payments: { requested: false } } }).capabilities).toEqual({
      transfers: "inactive",
    });
  });

  it("takes `minimum` for the country's own delay, a number for itself, and nothing else", () => {
    const delay = (delay_days: string) =>
      told({ settings: { payouts: { schedule: { delay_days } } } }).settings?.payouts?.schedule.delay_days;
    expect(delay("14")).toBe(14);
    expect(delay("minimum")).toBe(7);
    expect(() => delay("soon")).toThrow(
      expect.objectContaining({ error: "parameter_invalid_integer", param: "settings[payouts][schedule][delay_days]" }),
    );
  });

  it("shows an anchor only for its interval", () => {
    const schedule = (interval: "weekly" | "daily") =>
      told({ settings: { payouts: { schedule: { interval, weekly_anchor: "friday" } } } }).settings?.payouts?.schedule;
    expect(schedule("weekly")).toEqual({ delay_days: 7, interval: "weekly", weekly_anchor: "friday" });
    expect(schedule("daily")).toEqual({ delay_days: 7, interval: "daily" });
  });

  it("is disabled once its platform has rejected it", () => {
    const rejected = (pausesPayouts: boolean) => seen(worldOf({ ...express, exempt: true, rejection: { reason: "fraud", pausesPayouts } }));
    expect(rejected(true)).toMatchObject({
      charges_enabled: false,
      payouts_enabled: false,
      requirements: { disabled_reason: "rejected.platform_fraud" },
    });
    expect(rejected(false).payouts_enabled).toBe(true);
  });
});

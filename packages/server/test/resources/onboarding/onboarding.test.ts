import { describe, expect, test } from "vitest";
import { refusal } from "../../platform-of-its-own.ts";
import {
  ADDRESS,
  BOTH,
  GRACE_SECONDS,
  JENNY,
  requirementsServer,
  VERIFICATION_SECONDS,
} from "../connected-account/requirements/requirements-fixture.ts";

const server = requirementsServer();
const { later, news, force, now } = server;
const BUSINESS = { business_profile: { mcc: "5734", url: "https://accessible.stripe.com" }, external_account: "btok_us" };
const ENABLED = { charges_enabled: true, payouts_enabled: true, details_submitted: true };

describe("an onboarding", () => {
  test("of a custom individual, in one call: verified in two minutes", async () => {
    const { stripe } = server;
    const made = await stripe.accounts.create({
      ...BUSINESS,
      type: "custom",
      business_type: "individual",
      capabilities: BOTH,
      individual: JENNY,
      tos_acceptance: { date: now(), ip: "203.0.113.7" },
    });
    const pending = [
      "individual.address.city",
      "individual.address.line1",
      "individual.address.postal_code",
      "individual.address.state",
      "individual.id_number",
    ];
    expect(made).toMatchObject({
      charges_enabled: false,
      payouts_enabled: false,
      details_submitted: true,
      capabilities: { card_payments: "pending", transfers: "pending" },
      individual: { verification: { status: "pending" } },
      requirements: { currently_due: [], pending_verification: pending, disabled_reason: "requirements.pending_verification" },
    });
    expect((await news(made.id)).map(({ type }) => type)).toEqual(["account.application.authorized", "account.external_account.created"]);
    await later(VERIFICATION_SECONDS / 2);
    expect(await news(made.id)).toEqual([]);
    await later(VERIFICATION_SECONDS / 2);
    expect(await news(made.id)).toEqual([
      {
        type: "account.updated",
        previous: {
          capabilities: { card_payments: "pending", transfers: "pending" },
          charges_enabled: false,
          payouts_enabled: false,
          individual: {
            requirements: { eventually_due: [], pending_verification: pending.map((name) => name.replace("individual.", "")) },
            verification: { status: "pending" },
          },
          requirements: { disabled_reason: "requirements.pending_verification", eventually_due: [], pending_verification: pending },
        },
      },
      {
        type: "capability.updated",
        previous: {
          requirements: { disabled_reason: "pending.review", eventually_due: [], pending_verification: pending },
          status: "pending",
        },
      },
      {
        type: "capability.updated",
        previous: {
          requirements: { disabled_reason: "pending.review", eventually_due: [], pending_verification: pending },
          status: "pending",
        },
      },
    ]);
    const verified = await stripe.accounts.retrieve(made.id);
    expect(verified).toMatchObject({ ...ENABLED, requirements: { disabled_reason: null, eventually_due: ["individual.id_number"] } });
    const [updated] = (await stripe.events.list({ type: "account.updated" }, { stripeAccount: made.id })).data;
    expect(updated?.request).toEqual({ id: null, idempotency_key: null });
    expect(updated?.data.object).toMatchObject({ id: made.id, requirements: { ...verified.requirements } });
  });

  test("of a custom company, step by step, with its people", async () => {
    const { stripe } = server;
    const { id } = await stripe.accounts.create({ type: "custom", business_type: "company", capabilities: BOTH });
    await news(id);
    await stripe.accounts.update(id, { ...BUSINESS, tos_acceptance: { date: now(), ip: "203.0.113.7" } });
    await stripe.accounts.update(id, { company: { name: "Rocket Rides", address: ADDRESS, phone: "0000000000", tax_id: "000000000" } });
    await news(id);
    const representative = await stripe.accounts.createPerson(id, { ...JENNY, relationship: { representative: true, title: "CEO" } });
    expect(representative).toMatchObject({ requirements: { currently_due: [] }, verification: { status: "pending" } });
    const unnamed = (await stripe.accounts.retrieve(id)).requirements?.currently_due ?? [];
    expect(unnamed).toContain("company.owners_provided");
    expect(unnamed).toContain("owners.first_name");
    expect(unnamed.filter((name) => !/^(company\.owners_provided$|owners\.)/.test(name))).toEqual([]);
    const owner = await stripe.accounts.createPerson(id, { first_name: "Bob", relationship: { owner: true } });
    const named = (await stripe.accounts.retrieve(id)).requirements?.currently_due ?? [];
    expect(named).toContain(`person_${owner.id.slice(7)}.last_name`);
    expect(named).toContain("company.owners_provided");
    expect(named.filter((name) => name.startsWith("owners."))).toEqual([]);
    await stripe.accounts.updatePerson(id, owner.id, { ...JENNY, first_name: "Bob", id_number: "222222222" });
    await stripe.accounts.update(id, { company: { owners_provided: true } });
    const told = await stripe.accounts.retrieve(id);
    expect(told).toMatchObject({ details_submitted: true, charges_enabled: false, requirements: { currently_due: [] } });
    expect((await stripe.accounts.retrievePerson(id, owner.id)).verification?.status).toBe("verified");
    expect((await news(id)).map(({ type }) => type)).toEqual([
      "person.created",
      "account.updated",
      "person.created",
      "account.updated",
      "capability.updated",
      "capability.updated",
      "person.updated",
      "account.updated",
      "account.updated",
      "capability.updated",
      "capability.updated",
    ]);
    await later(VERIFICATION_SECONDS);
    expect(await stripe.accounts.retrieve(id)).toMatchObject(ENABLED);
    const verified = await news(id);
    // What began at different moments ends at different moments: the company before whoever represents it.
    const last = verified.slice(-4);
    expect(last.map(({ type }) => type)).toEqual(["person.updated", "account.updated", "capability.updated", "capability.updated"]);
    expect(last.map(({ previous }) => previous)).toMatchObject([
      { verification: { status: "pending" } },
      { charges_enabled: false, payouts_enabled: false },
      { status: "pending" },
      { status: "pending" },
    ]);
  });

  test("of an express account that its platform has told what it knows, which accepts the terms itself", async () => {
    const { stripe } = server;
    const { id } = await stripe.accounts.create({
      ...BUSINESS,
      type: "express",
      business_type: "individual",
      capabilities: BOTH,
      individual: JENNY,
    });
    const told = await stripe.accounts.retrieve(id);
    expect(told.requirements?.currently_due).toEqual([
      "settings.payments.statement_descriptor",
      "tos_acceptance.date",
      "tos_acceptance.ip",
    ]);
    expect(told).toMatchObject({ details_submitted: false, capabilities: { card_payments: "inactive" } });
    await news(id);
    expect(await refusal(stripe.accounts.update(id, { tos_acceptance: { date: now(), ip: "203.0.113.7" } }))).toMatchObject({
      status: 400,
      param: "tos_acceptance",
    });
    expect(await news(id)).toEqual([]);
    expect(await force(id, "complete_onboarding")).toMatchObject(ENABLED);
    expect((await news(id)).map(({ type }) => type)).toEqual(["account.updated", "capability.updated", "capability.updated"]);
  });

  test("of a standard account, whose capabilities are requested for it", async () => {
    const { stripe } = server;
    const made = await stripe.accounts.create({ type: "standard" });
    expect(made.capabilities).toEqual({});
    const completed = await force(made.id, "complete_onboarding", { business_type: "company", verification: "delayed" });
    expect(completed).toMatchObject({ details_submitted: true, charges_enabled: false, business_type: "company" });
    await later(VERIFICATION_SECONDS);
    expect(await stripe.accounts.retrieve(made.id)).toMatchObject({ ...ENABLED, requirements: { currently_due: [] } });
  });

  test.each(["GB", "DE", "CA", "AU", "FR"])("in %s, of an individual, a company and a non-profit", async (country) => {
    const { stripe } = server;
    for (const business_type of ["individual", "company", "non_profit"] as const) {
      const { id } = await stripe.accounts.create({ type: "custom", country, capabilities: BOTH });
      expect(await force(id, "complete_onboarding", { business_type })).toMatchObject({ ...ENABLED, business_type });
    }
  });

  test("of a government entity in the US", async () => {
    const { id } = await server.stripe.accounts.create({ type: "custom", capabilities: BOTH });
    expect(await force(id, "complete_onboarding", { business_type: "government_entity" })).toMatchObject(ENABLED);
  });
});

describe("what happens to an enabled account by itself", () => {
  test("a requirement falls due on a date, stops it when it is past due, and no longer when it is given", async () => {
    const { stripe } = server;
    const { id } = await stripe.accounts.create({ type: "custom", capabilities: BOTH });
    await force(id, "complete_onboarding");
    await news(id);
    const due = now() + 3_600;
    const forced = await force(id, "requirements", { requirement: "individual.verification.document", due_at: due });
    expect(forced).toMatchObject({
      ...ENABLED,
      requirements: { currently_due: ["individual.verification.document"], past_due: [], current_deadline: due, disabled_reason: null },
    });
    expect((await news(id))[0]).toEqual({
      type: "account.updated",
      previous: {
        individual: { requirements: { currently_due: [], eventually_due: ["id_number"] } },
        requirements: { currently_due: [], current_deadline: null, eventually_due: ["individual.id_number"] },
      },
    });
    await later(3_600);
    expect(await stripe.accounts.retrieve(id)).toMatchObject({
      charges_enabled: false,
      payouts_enabled: false,
      details_submitted: true,
      capabilities: { card_payments: "inactive", transfers: "inactive" },
      requirements: { past_due: ["individual.verification.document"], disabled_reason: "requirements.past_due" },
    });
    const stopped = await news(id);
    expect(stopped.map(({ type }) => type)).toEqual(["account.updated", "capability.updated", "capability.updated"]);
    expect(stopped[0]?.previous).toEqual({
      capabilities: { card_payments: "active", transfers: "active" },
      charges_enabled: true,
      payouts_enabled: true,
      individual: { requirements: { past_due: [] } },
      requirements: { current_deadline: due, disabled_reason: null, past_due: [] },
    });
    await stripe.accounts.update(id, { individual: { verification: { document: { front: "file_identity_document_success" } } } });
    expect((await stripe.accounts.retrieve(id)).requirements).toMatchObject({
      currently_due: [],
      disabled_reason: "requirements.pending_verification",
    });
    await later(VERIFICATION_SECONDS);
    expect(await stripe.accounts.retrieve(id)).toMatchObject(ENABLED);
  });

  test("a future requirement becomes one when its time comes", async () => {
    const { stripe } = server;
    const { id } = await stripe.accounts.create({ type: "custom", capabilities: BOTH });
    await force(id, "complete_onboarding");
    const from = now() + 3_600;
    const planned = await force(id, "requirements", { requirement: "business_profile.estimated_worker_count", from, due_at: from + 3_600 });
    expect(planned).toMatchObject({
      future_requirements: { currently_due: ["business_profile.estimated_worker_count"], current_deadline: from },
      requirements: { currently_due: [] },
    });
    await news(id);
    await later(3_600);
    expect(await stripe.accounts.retrieve(id)).toMatchObject({
      ...ENABLED,
      future_requirements: { currently_due: [], current_deadline: null },
      requirements: { currently_due: ["business_profile.estimated_worker_count"], current_deadline: from + 3_600 },
    });
    expect((await news(id))[0]).toMatchObject({
      type: "account.updated",
      previous: {
        future_requirements: { currently_due: ["business_profile.estimated_worker_count"] },
        requirements: { currently_due: [], current_deadline: null },
      },
    });
    await stripe.accounts.update(id, { business_profile: { estimated_worker_count: 3 } });
    expect((await stripe.accounts.retrieve(id)).requirements?.currently_due).toEqual([]);
  });

  test("a verification fails with a code, and is mended", async () => {
    const { stripe } = server;
    const { id } = await stripe.accounts.create({ type: "custom", capabilities: BOTH });
    await force(id, "complete_onboarding", { business_type: "company" });
    await news(id);
    const code = "verification_failed_tax_id_not_issued";
    const failed = await force(id, "verification", { outcome: "failed", requirement: "company.tax_id", code });
    expect(failed).toMatchObject({
      ...ENABLED,
      requirements: {
        alternatives: [{ original_fields_due: ["company.tax_id"], alternative_fields_due: ["company.verification.document"] }],
        currently_due: ["company.tax_id"],
        current_deadline: expect.any(Number),
        errors: [{ code, requirement: "company.tax_id", reason: "The tax ID was not issued to anyone." }],
      },
    });
    expect((await news(id)).map(({ type }) => type)).toEqual(["account.updated", "capability.updated", "capability.updated"]);
    await later(GRACE_SECONDS);
    expect(await stripe.accounts.retrieve(id)).toMatchObject({ charges_enabled: false, requirements: { past_due: ["company.tax_id"] } });
    await news(id);
    expect(await stripe.accounts.update(id, { company: { tax_id: "222222222" } })).toMatchObject({
      ...ENABLED,
      requirements: { currently_due: [], errors: [], disabled_reason: null },
    });
    expect((await news(id)).map(({ type }) => type)).toEqual(["account.updated", "capability.updated", "capability.updated"]);
  });
});

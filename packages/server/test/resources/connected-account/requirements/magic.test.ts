import type Stripe from "stripe";
import { describe, expect, test } from "vitest";
import { ADDRESS, BOTH, JENNY, requirementsServer, VERIFICATION_SECONDS } from "./requirements-fixture.ts";

const server = requirementsServer();
const { later, news, force } = server;
const TYPES = ["account.updated", "capability.updated", "capability.updated"];

async function enabled(business_type: "individual" | "company"): Promise<string> {
  const { id } = await server.stripe.accounts.create({ type: "custom", capabilities: BOTH });
  await force(id, "complete_onboarding", { business_type });
  await news(id);
  return id;
}

type Row = [string, "individual" | "company", Stripe.AccountUpdateParams, { fields: string[]; code: string }];
const company = (told: Stripe.AccountUpdateParams.Company): Stripe.AccountUpdateParams => ({ company: told });
const individual = (told: Stripe.AccountUpdateParams.Individual): Stripe.AccountUpdateParams => ({ individual: told });
const url = (word: string, code: string): Row => [
  `the website https://${word}.stripe.com`,
  "individual",
  { business_profile: { url: `https://${word}.stripe.com` } },
  { fields: ["business_profile.url"], code },
];
const wholeAddress = (of: string) => ["city", "line1", "postal_code", "state"].map((key) => `${of}.address.${key}`);

const FAIL: Row[] = [
  [
    "any date of birth but three",
    "individual",
    individual({ dob: { day: 2, month: 3, year: 1990 } }),
    { fields: ["individual.dob.day", "individual.dob.month", "individual.dob.year"], code: "verification_failed_keyed_identity" },
  ],
  [
    "a first line address_no_match",
    "individual",
    individual({ address: { ...ADDRESS, line1: "address_no_match" } }),
    { fields: wholeAddress("individual"), code: "verification_failed_address_match" },
  ],
  [
    "a first line address_line1_no_match",
    "individual",
    individual({ address: { ...ADDRESS, line1: "address_line1_no_match" } }),
    { fields: ["individual.address.line1"], code: "verification_failed_address_match" },
  ],
  [
    "the number 111111111",
    "individual",
    individual({ id_number: "111111111" }),
    { fields: ["individual.id_number"], code: "verification_failed_id_number_match" },
  ],
  [
    "file_identity_document_failure",
    "individual",
    individual({ verification: { document: { front: "file_identity_document_failure" } } }),
    { fields: ["individual.verification.document"], code: "verification_document_failed_test_mode" },
  ],
  [
    "the tax ID 111111111",
    "company",
    company({ tax_id: "111111111" }),
    { fields: ["company.tax_id"], code: "verification_failed_tax_id_match" },
  ],
  [
    "the tax ID 111111112",
    "company",
    company({ tax_id: "111111112" }),
    { fields: ["company.tax_id"], code: "verification_failed_tax_id_not_issued" },
  ],
  [
    "the tax ID 222221000",
    "company",
    company({ tax_id: "222221000" }),
    { fields: ["company.name", "company.tax_id"], code: "verification_failed_tax_id_match" },
  ],
  [
    "the tax ID 222221001",
    "company",
    company({ tax_id: "222221001" }),
    { fields: ["relationship.owner"], code: "verification_missing_owners" },
  ],
  [
    "the tax ID 222221002",
    "company",
    company({ tax_id: "222221002" }),
    { fields: ["relationship.director"], code: "verification_directors_mismatch" },
  ],
  [
    "the tax ID 222221003",
    "company",
    company({ tax_id: "222221003" }),
    { fields: ["relationship.owner"], code: "verification_missing_owners" },
  ],
  [
    "the tax ID 222221004",
    "company",
    company({ tax_id: "222221004" }),
    { fields: ["relationship.director"], code: "verification_missing_directors" },
  ],
  [
    "the name disallowed_name",
    "company",
    company({ name: "disallowed_name" }),
    { fields: ["company.name"], code: "invalid_company_name_denylisted" },
  ],
  [
    "the name match_name_only",
    "company",
    company({ name: "match_name_only" }),
    { fields: ["company.name"], code: "verification_failed_name_match" },
  ],
  [
    "file_relationship_document_invalid",
    "company",
    { documents: { proof_of_registration: { files: ["file_relationship_document_invalid"] } } },
    { fields: ["documents.proof_of_registration.files"], code: "verification_document_invalid" },
  ],
  [
    "file_relationship_document_mismatch",
    "company",
    { documents: { proof_of_registration: { files: ["file_relationship_document_mismatch"] } } },
    { fields: ["documents.proof_of_registration.files"], code: "verification_failed_document_match" },
  ],
  [
    "file_relationship_document_invalid_signer",
    "company",
    { documents: { proof_of_registration: { files: ["file_relationship_document_invalid_signer"] } } },
    { fields: ["documents.proof_of_registration.files"], code: "invalid_signator" },
  ],
  url("disallowed", "invalid_url_denylisted"),
  url("geoblocked", "invalid_url_website_inaccessible_geoblocked"),
  url("problem", "invalid_url_website_other"),
  url("missing", "invalid_url_website_incomplete"),
  url("mismatch", "invalid_url_website_business_information_mismatch"),
  url("passwordprotected", "invalid_url_website_inaccessible_password_protected"),
  url("underconstruction", "invalid_url_website_incomplete_under_construction"),
  url("inaccessible", "invalid_url_website_inaccessible"),
  [
    "a product description require_url",
    "individual",
    { business_profile: { product_description: "require_url" } },
    { fields: ["business_profile.url"], code: "invalid_url_web_presence_detected" },
  ],
  [
    "a business name disallowed_dba",
    "individual",
    { business_profile: { name: "disallowed_dba" } },
    { fields: ["business_profile.name"], code: "invalid_business_profile_name_denylisted" },
  ],
  [
    "a business name invalid_dba",
    "individual",
    { business_profile: { name: "invalid_dba" } },
    { fields: ["business_profile.name"], code: "invalid_business_profile_name" },
  ],
  [
    "a statement descriptor mismatch",
    "individual",
    { settings: { payments: { statement_descriptor: "mismatch" } } },
    { fields: ["settings.payments.statement_descriptor"], code: "invalid_statement_descriptor_business_mismatch" },
  ],
  [
    "a statement descriptor disallowed",
    "individual",
    { settings: { payments: { statement_descriptor: "disallowed" } } },
    { fields: ["settings.payments.statement_descriptor"], code: "invalid_statement_descriptor_denylisted" },
  ],
  [
    "a prefix mismatch",
    "individual",
    { settings: { card_payments: { statement_descriptor_prefix: "mismatch" } } },
    { fields: ["settings.card_payments.statement_descriptor_prefix"], code: "invalid_statement_descriptor_prefix_mismatch" },
  ],
  [
    "a prefix disallowed",
    "individual",
    { settings: { card_payments: { statement_descriptor_prefix: "disallowed" } } },
    { fields: ["settings.card_payments.statement_descriptor_prefix"], code: "invalid_statement_descriptor_prefix_denylisted" },
  ],
];

describe("an enabled account that gives", () => {
  test.each(FAIL)("%s is told so two minutes later, and asked again", async (_, type, told, { fields, code }) => {
    const { stripe } = server;
    const id = await enabled(type);
    const updated = await stripe.accounts.update(id, told);
    expect(updated.requirements).toMatchObject({ currently_due: [], errors: [] });
    expect(updated.requirements?.pending_verification?.length).toBeGreaterThan(0);
    expect((await news(id)).map(({ type: one }) => one)).toEqual(["account.updated"]);
    await later(VERIFICATION_SECONDS);
    const failed = await stripe.accounts.retrieve(id);
    expect(failed).toMatchObject({
      charges_enabled: true,
      payouts_enabled: true,
      requirements: {
        currently_due: fields,
        current_deadline: expect.any(Number),
        errors: fields.map((requirement) => ({ code, requirement, reason: expect.any(String) })),
        past_due: [],
      },
    });
    const happened = await news(id);
    expect(happened.map(({ type: one }) => one)).toEqual(TYPES);
    expect(happened[0]?.previous).toMatchObject({
      requirements: {
        current_deadline: null,
        currently_due: [],
        errors: [],
        pending_verification: updated.requirements?.pending_verification,
      },
    });
  });

  test.each([
    ["a date of birth and a number that match", "individual", individual(JENNY)],
    [
      "file_identity_document_success",
      "individual",
      individual({ verification: { document: { front: "file_identity_document_success" } } }),
    ],
    ["the tax ID 000000001", "company", company({ tax_id: "000000001" })],
    ["the name mismatch_business_name", "company", company({ name: "mismatch_business_name" })],
    ["the name match_name_relationships", "company", company({ name: "match_name_relationships" })],
    [
      "file_relationship_document_success",
      "company",
      { documents: { proof_of_registration: { files: ["file_relationship_document_success"] } } },
    ],
    ["the website https://accessible.stripe.com", "individual", { business_profile: { url: "https://accessible.stripe.com" } }],
  ] satisfies [string, "individual" | "company", Stripe.AccountUpdateParams][])(
    "%s is as it was two minutes later",
    async (_, type, told) => {
      const id = await enabled(type);
      await server.stripe.accounts.update(id, told);
      await later(VERIFICATION_SECONDS);
      expect(await server.stripe.accounts.retrieve(id)).toMatchObject({
        charges_enabled: true,
        payouts_enabled: true,
        requirements: { currently_due: [], errors: [], pending_verification: [], disabled_reason: null },
      });
    },
  );

  test.each([
    ["the date of birth 1902-01-01", "individual", individual({ dob: { day: 1, month: 1, year: 1902 } })],
    ["the number 222222222", "individual", individual({ id_number: "222222222" })],
    ["the tax ID 222222222", "company", company({ tax_id: "222222222" })],
  ] satisfies [string, "individual" | "company", Stripe.AccountUpdateParams][])(
    "%s has the result in the answer itself",
    async (_, type, told) => {
      const id = await enabled(type);
      expect((await server.stripe.accounts.update(id, told)).requirements).toMatchObject({ currently_due: [], pending_verification: [] });
      await news(id);
      await later(VERIFICATION_SECONDS);
      expect(await news(id)).toEqual([]);
    },
  );

  test.each([
    ["the date of birth 1900-01-01", "individual", individual({ dob: { day: 1, month: 1, year: 1900 } }), "listed", "other"],
    ["a name that ends in _high_risk", "company", company({ name: "Rockets_high_risk" }), "under_review", "pending.review"],
    [
      "the website https://inactivity.stripe.com",
      "individual",
      { business_profile: { url: "https://inactivity.stripe.com" } },
      "other",
      "paused.inactivity",
    ],
  ] satisfies [string, "individual" | "company", Stripe.AccountUpdateParams, string, string][])(
    "%s is stopped until somebody has looked at it",
    async (_, type, told, reason, capabilityReason) => {
      const { stripe } = server;
      const id = await enabled(type);
      await stripe.accounts.update(id, told);
      await news(id);
      await later(VERIFICATION_SECONDS);
      expect(await stripe.accounts.retrieve(id)).toMatchObject({
        charges_enabled: false,
        payouts_enabled: false,
        requirements: { currently_due: [], disabled_reason: reason },
      });
      expect((await stripe.accounts.retrieveCapability(id, "transfers")).requirements?.disabled_reason).toBe(capabilityReason);
      expect((await news(id))[0]).toMatchObject({
        type: "account.updated",
        previous: { charges_enabled: true, payouts_enabled: true, requirements: { disabled_reason: null } },
      });
      await force(id, "verification", { outcome: "verified" });
      expect(await stripe.accounts.retrieve(id)).toMatchObject({ charges_enabled: true, payouts_enabled: true });
    },
  );

  test("a tax ID that the register does not answer for waits until it does", async () => {
    const id = await enabled("company");
    await server.stripe.accounts.update(id, company({ tax_id: "222221005" }));
    await later(30 * 24 * 3_600);
    expect((await server.stripe.accounts.retrieve(id)).requirements?.pending_verification).toContain("company.tax_id");
    expect((await force(id, "verification", { outcome: "verified" })).requirements?.pending_verification).toEqual([]);
  });
});

describe("a company's address", () => {
  test.each([
    ["address_full_match", true, true, []],
    ["address_no_match", true, false, ["company.address.line1"]],
    ["address_line1_no_match", false, false, wholeAddress("company")],
  ])("%s: charges %s, payouts %s", async (line1, charges_enabled, payouts_enabled, currently_due) => {
    const { stripe } = server;
    const { id } = await stripe.accounts.create({
      type: "custom",
      business_type: "company",
      capabilities: BOTH,
      company: { address: { ...ADDRESS, line1 } },
    });
    await force(id, "complete_onboarding", { verification: "delayed" });
    await later(VERIFICATION_SECONDS);
    expect(await stripe.accounts.retrieve(id)).toMatchObject({ charges_enabled, payouts_enabled, requirements: { currently_due } });
    expect((await news(id)).findLast(({ type }) => type === "account.updated")?.previous).toMatchObject({
      requirements: { disabled_reason: "requirements.pending_verification" },
    });
  });
});

describe("people of a company", () => {
  test.each([
    ["director", "mismatch_director", "verification_directors_mismatch"],
    ["director", "missing_director", "verification_missing_directors"],
    ["director", "extraneous_director", "verification_extraneous_directors"],
    ["owner", "mismatch_owner", "verification_missing_owners"],
    ["owner", "extraneous_owner", "verification_missing_owners"],
  ])("a %s called %s", async (role, first_name, code) => {
    const { stripe } = server;
    const id = await enabled("company");
    const { id: person } = await stripe.accounts.createPerson(id, { ...JENNY, first_name, relationship: { [role]: true } });
    await news(id);
    await later(VERIFICATION_SECONDS);
    expect((await stripe.accounts.retrieve(id)).requirements).toMatchObject({
      currently_due: [`relationship.${role}`],
      errors: [{ code, requirement: `relationship.${role}` }],
    });
    const types = (await news(id)).map(({ type }) => type);
    expect(types.filter((type) => type === "person.updated")).toHaveLength(role === "owner" ? 1 : 0);
    expect(types.slice(-3)).toEqual(TYPES);
    await stripe.accounts.updatePerson(id, person, { first_name: "Jenny" });
    await later(VERIFICATION_SECONDS);
    expect((await stripe.accounts.retrieve(id)).requirements).toMatchObject({ currently_due: [], errors: [] });
  });

  test("a document that fails: the person tells", async () => {
    const { stripe } = server;
    const id = await enabled("company");
    const person = await stripe.accounts.createPerson(id, { ...JENNY, relationship: { owner: true } });
    await stripe.accounts.updatePerson(id, person.id, { verification: { document: { front: "file_identity_document_failure" } } });
    await news(id);
    await later(VERIFICATION_SECONDS);
    expect(await stripe.accounts.retrievePerson(id, person.id)).toMatchObject({
      requirements: { currently_due: ["verification.document"], errors: [{ code: "verification_document_failed_test_mode" }] },
      verification: { status: "unverified", document: { details_code: "document_failed_test_mode" } },
    });
    const told = await news(id);
    expect(told.findLast(({ type }) => type === "person.updated")?.previous).toMatchObject({
      requirements: { currently_due: [], errors: [] },
      verification: { status: "pending", document: { details_code: null } },
    });
    expect((await stripe.accounts.retrieve(id)).requirements?.currently_due).toEqual([`${person.id}.verification.document`]);
  });
});

describe("an email address with enforce_future_requirements", () => {
  test("makes what will be required required now", async () => {
    const id = await enabled("individual");
    const { requirements } = await server.stripe.accounts.update(id, { email: "jenny+enforce_future_requirements@example.com" });
    expect(requirements).toMatchObject({
      currently_due: ["business_profile.estimated_worker_count"],
      current_deadline: expect.any(Number),
    });
    expect((await news(id))[0]?.previous).toMatchObject({ requirements: { currently_due: [], current_deadline: null } });
  });
});

describe("a threshold", () => {
  test.each([
    ["next_requirements", { charges_enabled: true, payouts_enabled: true }, []],
    ["charge_block", { charges_enabled: false, payouts_enabled: true }, ["individual.id_number"]],
    ["payout_block", { charges_enabled: true, payouts_enabled: false }, ["individual.id_number"]],
  ])("%s asks for what was due eventually, until it is given", async (crosses, stopped, past_due) => {
    const { stripe } = server;
    const id = await enabled("individual");
    expect(await force(id, "threshold", { crosses })).toMatchObject({
      ...stopped,
      requirements: { currently_due: ["individual.id_number"], eventually_due: ["individual.id_number"], past_due },
    });
    expect((await news(id)).filter(({ type }) => type === "account.updated")).toHaveLength(1);
    expect(await stripe.accounts.update(id, { individual: { id_number: "222222222" } })).toMatchObject({
      charges_enabled: true,
      payouts_enabled: true,
      requirements: { currently_due: [], eventually_due: [], disabled_reason: null },
    });
    expect((await news(id)).filter(({ type }) => type === "account.updated")).toHaveLength(1);
    await force(id, "threshold", { crosses });
    expect(await news(id)).toEqual([]);
  });

  test.each([
    ["tok_visa_triggerNextRequirements", { charges_enabled: true, payouts_enabled: true }],
    ["tok_visa_triggerVerification", { charges_enabled: true, payouts_enabled: true }],
    ["tok_visa_triggerChargeBlock", { charges_enabled: false, payouts_enabled: true }],
    ["tok_visa_triggerPayoutBlock", { charges_enabled: true, payouts_enabled: false }],
    ["tok_visa_triggerTransferBlock", { charges_enabled: true, payouts_enabled: false }],
  ])("is crossed by a direct charge on %s", async (source, stopped) => {
    const { stripe } = server;
    const id = await enabled("individual");
    await stripe.charges.create({ amount: 1_000, currency: "usd", source }, { stripeAccount: id });
    expect(await stripe.accounts.retrieve(id)).toMatchObject({ ...stopped, requirements: { currently_due: ["individual.id_number"] } });
    const told = (await news(id)).filter(({ type }) => type === "account.updated");
    expect(told).toHaveLength(1);
    expect(told[0]?.previous).toMatchObject({ requirements: { currently_due: [] } });
  });

  test("means nothing before what is required first was given", async () => {
    const { id } = await server.stripe.accounts.create({ type: "custom", capabilities: BOTH });
    await news(id);
    await force(id, "threshold", { crosses: "charge_block" });
    expect(await news(id)).toEqual([]);
  });
});

describe("in live mode", () => {
  test("what is given is right after the usual delay, whatever it is", async () => {
    const { live } = server;
    const { id } = await live.accounts.create({
      type: "custom",
      business_type: "individual",
      capabilities: BOTH,
      business_profile: { mcc: "5734", url: "https://disallowed.stripe.com" },
      individual: { ...JENNY, dob: { day: 2, month: 3, year: 1990 }, id_number: "222222222" },
      tos_acceptance: { date: 1_700_000_000, ip: "203.0.113.7" },
    });
    expect((await live.accounts.retrieve(id)).capabilities).toEqual({ card_payments: "pending", transfers: "pending" });
    await later(VERIFICATION_SECONDS);
    expect(await live.accounts.retrieve(id)).toMatchObject({
      charges_enabled: true,
      requirements: { currently_due: ["external_account"], errors: [] },
    });
  });
});

import { describe, expect, it } from "vitest";
import { freshWorld, tell, tellPerson, withBankAccount } from "../../../../test/resources/account-fixture.ts";
import {
  ADDRESS,
  at,
  BOTH,
  BUSINESS,
  COMPANY,
  company,
  DAY,
  due,
  ENDED,
  enabled,
  INDIVIDUAL,
  individual,
  JENNY,
  MINUTE,
  NOW,
  seen,
  unnamed,
} from "../../../../test/resources/connected-account/requirements/enabled-worlds.ts";
import { DEFAULT_LIMITS } from "../../../limits.ts";
import type { AccountChange } from "../../accounts/change-account.ts";
import type { AccountWorld } from "../state/account-world.ts";
import { deriveWorld } from "./derive-world.ts";
import { crossThreshold } from "./thresholds.ts";

describe("a fresh account", () => {
  it("in the US with an Express dashboard is asked for what is observed", () => {
    const world = tell(freshWorld({ type: "express" }, NOW), { capabilities: BOTH }, NOW);
    const fields = [
      "business_profile.mcc",
      "business_profile.url",
      "business_type",
      "external_account",
      "representative.dob.day",
      "representative.dob.month",
      "representative.dob.year",
      "representative.email",
      "representative.first_name",
      "representative.last_name",
      "settings.payments.statement_descriptor",
      "tos_acceptance.date",
      "tos_acceptance.ip",
    ];
    expect(due(world)).toEqual({
      alternatives: [{ original_fields_due: ["business_profile.url"], alternative_fields_due: ["business_profile.product_description"] }],
      current_deadline: null,
      currently_due: fields,
      disabled_reason: "requirements.past_due",
      errors: [],
      eventually_due: fields,
      past_due: fields,
      pending_verification: [],
    });
    expect(seen(world)).toEqual({
      charges: false,
      payouts: false,
      submitted: false,
      capabilities: { card_payments: "inactive", transfers: "inactive" },
    });
  });

  it("that is a company which its platform asks is asked for who they are", () => {
    const fresh = withBankAccount(freshWorld({ type: "custom" }, NOW), NOW);
    const world = tell(
      fresh,
      { business_type: "company", capabilities: BOTH, tos_acceptance: { date: 1_700_000_000, ip: "203.0.113.7" } },
      NOW,
    );
    expect(due(world).currently_due).toEqual([
      "business_profile.mcc",
      "business_profile.url",
      "company.address.city",
      "company.address.line1",
      "company.address.postal_code",
      "company.address.state",
      "company.name",
      "company.owners_provided",
      "company.phone",
      "company.tax_id",
      ...unnamed("owners"),
      ...unnamed("representative"),
    ]);
  });

  it("that asked for no capability is told to, once it has given what every account gives", () => {
    const world = withBankAccount(freshWorld({}, NOW), NOW);
    expect(due(world).currently_due).toEqual(["business_type", "tos_acceptance.date", "tos_acceptance.ip"]);
    const told = tell(world, { business_type: "individual", tos_acceptance: { date: 1_700_000_000, ip: "203.0.113.7" } }, NOW);
    expect(due(told)).toMatchObject({ currently_due: [], disabled_reason: "action_required.requested_capabilities" });
  });

  it("with the full Dashboard has its capabilities asked for it", () => {
    expect(seen(freshWorld({ type: "standard" }, NOW)).capabilities).toEqual({ card_payments: "inactive", transfers: "inactive" });
  });

  it("of a platform of this server is asked for nothing", () => {
    const world = freshWorld({ type: "standard", exempt: true }, NOW);
    expect(seen(world)).toEqual(enabled);
    expect(due(world)).toMatchObject({ eventually_due: [], disabled_reason: null });
  });
});

describe("an individual", () => {
  it("is verified in two minutes, and enabled then", () => {
    const world = individual();
    expect(seen(world)).toEqual({
      charges: false,
      payouts: false,
      submitted: true,
      capabilities: { card_payments: "pending", transfers: "pending" },
    });
    expect(due(world)).toMatchObject({ currently_due: [], disabled_reason: "requirements.pending_verification" });
    expect(due(world).pending_verification).toEqual([
      "individual.address.city",
      "individual.address.line1",
      "individual.address.postal_code",
      "individual.address.state",
      "individual.id_number",
    ]);
    expect(world.persons[0]?.state.derived.verification.status).toBe("pending");
    expect(deriveWorld(world, NOW, DEFAULT_LIMITS).nextChangeAt).toBe(ENDED);
    const verified = at(world, ENDED);
    expect(seen(verified)).toEqual(enabled);
    expect(due(verified)).toMatchObject({
      currently_due: [],
      disabled_reason: null,
      eventually_due: ["individual.id_number"],
      pending_verification: [],
    });
    expect(verified.persons[0]?.state.derived.verification.status).toBe("verified");
    expect(deriveWorld(verified, ENDED, DEFAULT_LIMITS).nextChangeAt).toBeNull();
  });

  it.each([
    ["a number", { id_number: "222222222" }],
    ["a date of birth", { dob: { day: 1, month: 1, year: 1902 } }],
  ])("is enabled at once by %s that matches at once", (_, given) => {
    expect(seen(individual({}, given))).toEqual(enabled);
  });

  it.each([
    [
      "a date of birth",
      { dob: { day: 2, month: 3, year: 1990 } },
      ["dob.day", "dob.month", "dob.year"],
      "verification_failed_keyed_identity",
    ],
    ["a number", { id_number: "111111111" }, ["id_number"], "verification_failed_id_number_match"],
    [
      "an address",
      { address: { ...ADDRESS, line1: "address_no_match" } },
      ["address.city", "address.line1", "address.postal_code", "address.state"],
      "verification_failed_address_match",
    ],
    ["a first line", { address: { ...ADDRESS, line1: "address_line1_no_match" } }, ["address.line1"], "verification_failed_address_match"],
  ])("whose %s does not match is asked for it again, or for a document", (_, given, fields, code) => {
    const world = at(individual({}, given), ENDED);
    const names = fields.map((field) => `individual.${field}`);
    expect(seen(world)).toMatchObject({ charges: false, payouts: false, capabilities: { card_payments: "inactive" } });
    expect(due(world)).toMatchObject({
      currently_due: names,
      past_due: names,
      disabled_reason: "requirements.past_due",
      alternatives: [{ original_fields_due: names, alternative_fields_due: ["individual.verification.document"] }],
    });
    expect(due(world).errors?.map(({ code: one, requirement }) => [one, requirement])).toEqual(names.map((name) => [code, name]));
    expect(world.persons[0]?.state.derived).toMatchObject({
      requirements: { currently_due: fields, errors: fields.map((field) => ({ code, requirement: field })) },
      verification: { status: "unverified", details_code: "failed_keyed_identity" },
    });
    const mended = tell(world, { individual: JENNY }, ENDED);
    expect(due(mended)).toMatchObject({ currently_due: [], errors: [] });
    expect(seen(mended).capabilities).toMatchObject({ card_payments: "pending" });
    if (fields[0] !== "id_number") expect(seen(at(mended, ENDED + 2 * MINUTE))).toEqual(enabled);
    const documented = tell(world, { individual: { verification: { document: { front: "file_identity_document_success" } } } }, ENDED);
    expect(due(documented)).toMatchObject({ currently_due: [], disabled_reason: "requirements.pending_verification" });
    expect(due(documented).pending_verification).toContain("individual.verification.document");
    expect(seen(at(documented, ENDED + 2 * MINUTE))).toEqual(enabled);
  });

  it("whose document fails is asked for another", () => {
    const world = at(individual({}, { verification: { document: { front: "file_identity_document_failure" } } }), ENDED);
    expect(due(world)).toMatchObject({
      currently_due: ["individual.verification.document"],
      errors: [{ code: "verification_document_failed_test_mode", requirement: "individual.verification.document" }],
    });
    expect(world.persons[0]?.state.derived).toMatchObject({
      document: { details_code: "document_failed_test_mode" },
      verification: { status: "unverified" },
    });
    const mended = tell(world, { individual: { verification: { document: { front: "file_of_our_own" } } } }, ENDED);
    expect(seen(at(mended, ENDED + 2 * MINUTE))).toEqual(enabled);
  });

  it("whose name is a word that every hash knows is as right as another", () => {
    expect(seen(at(individual({}, { first_name: "constructor", last_name: "__proto__" }), ENDED))).toEqual(enabled);
  });

  it("on a list stops the account", () => {
    const world = at(individual({}, { dob: { day: 1, month: 1, year: 1900 } }), ENDED);
    expect(due(world)).toMatchObject({ currently_due: [], disabled_reason: "listed" });
    expect(seen(world)).toMatchObject({ charges: false, payouts: false });
  });

  it("in live mode is right whatever is given, after the usual delay", () => {
    const world = tell(
      withBankAccount(freshWorld({ livemode: true }, NOW), NOW),
      { ...INDIVIDUAL, individual: { ...JENNY, dob: { day: 2, month: 3, year: 1990 }, id_number: "222222222" } },
      NOW,
    );
    expect(seen(world).capabilities).toMatchObject({ card_payments: "pending" });
    expect(seen(at(world, ENDED))).toEqual(enabled);
  });

  it("whose document comes after its deadline is verified before it is enabled again", () => {
    const document = (front: string) => ({ individual: { verification: { document: { front } } } });
    const told = tell(at(individual(), ENDED), document("file_identity_document_failure"), ENDED);
    const failed = at(told, ENDED + 2 * MINUTE);
    expect(seen(failed)).toEqual(enabled);
    const deadline = ENDED + 2 * MINUTE + 14 * DAY;
    const late = at(failed, deadline);
    expect(due(late).past_due).toEqual(["individual.verification.document"]);
    const given = tell(late, document("file_of_our_own"), deadline);
    expect(seen(given)).toMatchObject({ charges: false, payouts: false, capabilities: { card_payments: "pending", transfers: "pending" } });
    expect(seen(at(given, deadline + 2 * MINUTE))).toEqual(enabled);
  });

  it("that changes what was verified keeps what it can do while that is verified, and for fourteen days when it fails", () => {
    const verified = at(individual(), ENDED);
    const changed = tell(verified, { individual: { dob: { day: 2, month: 3, year: 1990 } } }, ENDED);
    expect(seen(changed)).toEqual(enabled);
    expect(due(changed).pending_verification).toContain("individual.id_number");
    const failed = at(changed, ENDED + 2 * MINUTE);
    const deadline = ENDED + 2 * MINUTE + 14 * DAY;
    expect(seen(failed)).toEqual(enabled);
    expect(due(failed)).toMatchObject({ current_deadline: deadline / 1_000, past_due: [], disabled_reason: null });
    expect(deriveWorld(failed, ENDED + 3 * MINUTE, DEFAULT_LIMITS).nextChangeAt).toBe(deadline);
    const late = at(failed, deadline);
    expect(seen(late)).toMatchObject({ charges: false, payouts: false, submitted: true });
    expect(due(late)).toMatchObject({ current_deadline: null, disabled_reason: "requirements.past_due" });
    expect(due(late).past_due).toEqual(due(late).currently_due);
  });

  it("that is told again what it was told stays verified", () => {
    const verified = at(individual(), ENDED);
    expect(due(tell(verified, INDIVIDUAL, ENDED)).pending_verification).toEqual([]);
  });
});

describe("an individual who is paid from abroad", () => {
  const abroad = (jenny: object) => {
    const world = withBankAccount(freshWorld({ country: "KR" }, NOW), NOW);
    const told = { ...INDIVIDUAL, capabilities: { transfers: { requested: true } }, individual: { ...JENNY, ...jenny } };
    return tell(world, { ...told, tos_acceptance: { ...BUSINESS.tos_acceptance, service_agreement: "recipient" } } as AccountChange, NOW);
  };
  const person = ({ persons }: AccountWorld) => persons[0]?.state.derived;
  const given = (front: string) => ({ verification: { document: { front } } });
  const receives = { charges: true, payouts: true, submitted: true, capabilities: { transfers: "active" } };

  it("shows that a document is checked, with nothing due or waiting, and works meanwhile", () => {
    const asked = abroad({});
    expect(person(asked)).toMatchObject({
      requirements: { eventually_due: ["verification.document"] },
      verification: { status: "unverified" },
    });
    const documented = tell(asked, { individual: given("file_identity_document_success") }, NOW);
    for (const [world, status] of [
      [documented, "pending"],
      [abroad(given("file_identity_document_success")), "pending"],
      [at(documented, ENDED), "verified"],
    ] as const) {
      expect(person(world)?.verification).toEqual({ details: null, details_code: null, status });
      expect(person(world)?.requirements).toMatchObject({ currently_due: [], eventually_due: [], pending_verification: [] });
      expect(due(world)).toMatchObject({ currently_due: [], disabled_reason: null, eventually_due: [], pending_verification: [] });
      expect(seen(world)).toEqual(receives);
    }
  });

  it("lists a document that was due while it is checked, and asks for another one when it fails", () => {
    const late = crossThreshold(abroad({}), "next_requirements", NOW);
    const asked = at(late, NOW);
    expect(person(asked)?.requirements.currently_due).toEqual(["verification.document"]);
    const documented = tell(asked, { individual: given("file_identity_document_success") }, NOW);
    expect(person(documented)).toMatchObject({
      requirements: { currently_due: [], pending_verification: ["verification.document"] },
      verification: { status: "pending" },
    });
    const failed = at(abroad(given("file_identity_document_failure")), ENDED);
    expect(person(failed)).toMatchObject({
      requirements: { currently_due: ["verification.document"] },
      verification: { status: "unverified" },
    });
  });
});

describe("a company", () => {
  it("is enabled when it and its people are verified", () => {
    const world = company();
    expect(due(world).pending_verification).toContain("company.tax_id");
    expect(due(world).pending_verification).toContain("person_rep.id_number");
    expect(seen(at(world, ENDED))).toEqual(enabled);
  });

  it("asks of people by what they are to it", () => {
    const world = tellPerson(company(), "person_owner", { relationship: { owner: true } }, NOW);
    expect(due(world).currently_due).toEqual(
      [
        "address.city",
        "address.line1",
        "address.postal_code",
        "address.state",
        "dob.day",
        "dob.month",
        "dob.year",
        "email",
        "first_name",
        "last_name",
        "phone",
        "ssn_last_4",
      ].map((field) => `person_owner.${field}`),
    );
  });

  it.each([
    ["111111111", ["company.tax_id"], "verification_failed_tax_id_match"],
    ["111111112", ["company.tax_id"], "verification_failed_tax_id_not_issued"],
    ["222221000", ["company.name", "company.tax_id"], "verification_failed_tax_id_match"],
    ["222221001", ["relationship.owner"], "verification_missing_owners"],
    ["222221002", ["relationship.director"], "verification_directors_mismatch"],
    ["222221003", ["relationship.owner"], "verification_missing_owners"],
    ["222221004", ["relationship.director"], "verification_missing_directors"],
  ])("with the tax ID %s is asked for %j", (tax_id, fields, code) => {
    const world = at(company({ company: { ...COMPANY.company, tax_id } }), ENDED);
    expect(due(world)).toMatchObject({ currently_due: fields, errors: fields.map((requirement) => ({ code, requirement })) });
    expect(seen(world).capabilities).toMatchObject({ card_payments: "inactive" });
    const mended = tell(world, { company: { tax_id: "222222222" } }, ENDED);
    expect(seen(mended)).toEqual(enabled);
    const confirmed = tell(world, { company: { directors_provided: true, owners_provided: true, tax_id: undefined } as object }, ENDED);
    if (fields[0]?.startsWith("relationship.") === true) expect(seen(at(confirmed, ENDED + 2 * MINUTE))).toEqual(enabled);
  });

  it("that names its people once more while that is verified is asked for them all the same", () => {
    const told = company({ company: { ...COMPANY.company, tax_id: "222221001" } });
    const confirmed = tell(told, { company: { owners_provided: true } }, ENDED - 1);
    expect(due(at(confirmed, ENDED)).currently_due).toEqual(["relationship.owner"]);
  });

  it("with a tax ID the register does not answer for stays under verification", () => {
    const world = at(company({ company: { ...COMPANY.company, tax_id: "222221005" } }), ENDED + DAY);
    expect(due(world).pending_verification).toContain("company.tax_id");
    expect(seen(world).capabilities).toMatchObject({ card_payments: "pending" });
  });

  it("is enabled at once by a tax ID that matches at once, once its people are", () => {
    expect(due(company({ company: { ...COMPANY.company, tax_id: "222222222" } })).pending_verification).not.toContain("company.tax_id");
  });

  it.each([
    ["address_full_match", true, true, []],
    ["address_no_match", true, false, ["company.address.line1"]],
    [
      "address_line1_no_match",
      false,
      false,
      ["company.address.city", "company.address.line1", "company.address.postal_code", "company.address.state"],
    ],
  ])("at %s can charge: %s, be paid out: %s", (line1, charges, payouts, fields) => {
    const world = at(company({ company: { ...COMPANY.company, address: { ...ADDRESS, line1 } } }), ENDED);
    expect(seen(world)).toMatchObject({ charges, payouts });
    expect(due(world)).toMatchObject({ currently_due: fields, past_due: fields });
    const mended = tell(world, { company: { address: { line1: "address_full_match" } } }, ENDED);
    expect(seen(at(mended, ENDED + 2 * MINUTE))).toEqual(enabled);
    const stricter = tell(
      at(mended, ENDED + 2 * MINUTE),
      { company: { address: { line1: "address_line1_no_match" } } },
      ENDED + 3 * MINUTE,
    );
    expect(seen(at(stricter, ENDED + 9 * MINUTE))).toEqual(enabled);
  });

  it.each([
    ["mismatch_business_name", null],
    ["match_name_relationships", null],
    ["disallowed_name", "invalid_company_name_denylisted"],
    ["match_name_only", "verification_failed_name_match"],
  ])("named %s fails by %s", (name, code) => {
    const world = at(company({ company: { ...COMPANY.company, name } }), ENDED);
    expect(due(world).errors?.map((error) => error.code)).toEqual(code === null ? [] : [code]);
  });

  it("whose name is a high risk is looked at", () => {
    const world = at(company({ company: { ...COMPANY.company, name: "Rockets_high_risk" } }), ENDED);
    expect(due(world)).toMatchObject({ currently_due: [], disabled_reason: "under_review" });
  });

  it.each([
    ["director", "mismatch_director", "verification_directors_mismatch"],
    ["director", "missing_director", "verification_missing_directors"],
    ["director", "extraneous_director", "verification_extraneous_directors"],
    ["owner", "mismatch_owner", "verification_missing_owners"],
    ["owner", "extraneous_owner", "verification_missing_owners"],
  ])("whose %s is called %s fails by %s", (role, first_name, code) => {
    const world = at(tellPerson(company(), "person_2", { ...JENNY, first_name, relationship: { [role]: true } }, NOW), ENDED);
    expect(due(world)).toMatchObject({ currently_due: [`relationship.${role}`], errors: [{ code, requirement: `relationship.${role}` }] });
    const renamed = tellPerson(world, "person_2", { first_name: "Bob" }, ENDED);
    expect(seen(at(renamed, ENDED + 2 * MINUTE))).toEqual(enabled);
    const confirmed = tell(world, { company: { [`${role}s_provided`]: true } }, ENDED);
    expect(seen(at(confirmed, ENDED + 2 * MINUTE))).toEqual(enabled);
  });

  it.each([
    ["file_relationship_document_success", null],
    ["file_relationship_document_invalid", "verification_document_invalid"],
    ["file_relationship_document_mismatch", "verification_failed_document_match"],
    ["file_relationship_document_invalid_signer", "invalid_signator"],
  ])("with %s fails by %s", (file, code) => {
    const world = company({ documents: { proof_of_registration: { files: [file] } } });
    expect(due(world).pending_verification).toContain("documents.proof_of_registration.files");
    expect(due(at(world, ENDED)).errors?.map((error) => error.code)).toEqual(code === null ? [] : [code]);
  });

  it("that loses its representative has fourteen days for another", () => {
    const verified = at(company(), ENDED);
    const without = tellPerson(verified, "person_rep", { relationship: { representative: false } }, ENDED);
    expect(due(without)).toMatchObject({
      currently_due: unnamed("representative"),
      past_due: [],
      current_deadline: (ENDED + 14 * DAY) / 1_000,
    });
    expect(seen(without)).toEqual(enabled);
    expect(seen(at(without, ENDED + 14 * DAY))).toMatchObject({ charges: false, payouts: false });
  });
});

describe("what a business says of itself", () => {
  const profile = (told: AccountChange["business_profile"]) => ({ business_profile: { mcc: "5734", ...told } });
  it.each([
    [profile({ url: "https://disallowed.stripe.com" }), "business_profile.url", "invalid_url_denylisted"],
    [profile({ url: "https://geoblocked.stripe.com" }), "business_profile.url", "invalid_url_website_inaccessible_geoblocked"],
    [profile({ url: "https://problem.stripe.com" }), "business_profile.url", "invalid_url_website_other"],
    [profile({ url: "https://missing.stripe.com/" }), "business_profile.url", "invalid_url_website_incomplete"],
    [profile({ url: "https://mismatch.stripe.com" }), "business_profile.url", "invalid_url_website_business_information_mismatch"],
    [
      profile({ url: "https://passwordprotected.stripe.com" }),
      "business_profile.url",
      "invalid_url_website_inaccessible_password_protected",
    ],
    [profile({ url: "https://underconstruction.stripe.com" }), "business_profile.url", "invalid_url_website_incomplete_under_construction"],
    [profile({ url: "https://inaccessible.stripe.com" }), "business_profile.url", "invalid_url_website_inaccessible"],
    [profile({ product_description: "require_url" }), "business_profile.url", "invalid_url_web_presence_detected"],
    [profile({ url: "https://a.example", name: "disallowed_dba" }), "business_profile.name", "invalid_business_profile_name_denylisted"],
    [profile({ url: "https://a.example", name: "invalid_dba" }), "business_profile.name", "invalid_business_profile_name"],
    [
      { settings: { payments: { statement_descriptor: "mismatch" } } },
      "settings.payments.statement_descriptor",
      "invalid_statement_descriptor_business_mismatch",
    ],
    [
      { settings: { payments: { statement_descriptor: "disallowed" } } },
      "settings.payments.statement_descriptor",
      "invalid_statement_descriptor_denylisted",
    ],
    [
      { settings: { card_payments: { statement_descriptor_prefix: "mismatch" } } },
      "settings.card_payments.statement_descriptor_prefix",
      "invalid_statement_descriptor_prefix_mismatch",
    ],
    [
      { settings: { card_payments: { statement_descriptor_prefix: "disallowed" } } },
      "settings.card_payments.statement_descriptor_prefix",
      "invalid_statement_descriptor_prefix_denylisted",
    ],
  ])("fails: %j", (change, requirement, code) => {
    const world = at(individual(change), ENDED);
    expect(due(world)).toMatchObject({ currently_due: [requirement], errors: [{ code, requirement }] });
    const mended = tell(
      world,
      {
        business_profile: { name: "Rocket Rides", url: "https://accessible.stripe.com" },
        settings: { payments: { statement_descriptor: "ROCKET" }, card_payments: { statement_descriptor_prefix: "ROCKET" } },
      },
      ENDED,
    );
    expect(due(mended)).toMatchObject({ currently_due: [], errors: [] });
    expect(seen(at(mended, ENDED + 2 * MINUTE))).toEqual(enabled);
  });

  it("makes an account inactive that is not used", () => {
    const world = at(individual(profile({ url: "https://inactivity.stripe.com" })), ENDED);
    expect(seen(world)).toMatchObject({ charges: false, payouts: false, capabilities: { card_payments: "inactive" } });
    expect(world.state.derived.capabilities.card_payments?.requirements.disabled_reason).toBe("paused.inactivity");
  });
});

import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../../src/limits.ts";
import { refusal } from "../../platform-of-its-own.ts";
import { BOTH, JENNY, requirementsServer, VERIFICATION_SECONDS } from "../connected-account/requirements/requirements-fixture.ts";

const server = requirementsServer();
const { later, news, force, now } = server;
const DAY = 24 * 3_600;
const TYPES = ["account.updated", "capability.updated", "capability.updated"];

async function enabled(business_type: "individual" | "company" = "individual"): Promise<string> {
  const { id } = await server.stripe.accounts.create({ type: "custom", capabilities: BOTH });
  await force(id, "complete_onboarding", { business_type });
  await news(id);
  return id;
}

describe("a platform", () => {
  test("pauses payments and payouts, and goes on with them", async () => {
    const id = await enabled();
    expect(await force(id, "pause", { payments: true })).toMatchObject({
      charges_enabled: false,
      payouts_enabled: true,
      capabilities: { card_payments: "inactive", transfers: "inactive" },
      requirements: { currently_due: [], disabled_reason: "platform_paused" },
    });
    const paused = await news(id);
    expect(paused.map(({ type }) => type)).toEqual(TYPES);
    expect(paused[0]?.previous).toEqual({
      capabilities: { card_payments: "active", transfers: "active" },
      charges_enabled: true,
      requirements: { disabled_reason: null },
    });
    expect((await server.stripe.accounts.retrieveCapability(id, "card_payments")).requirements?.disabled_reason).toBe("platform_paused");
    expect(await force(id, "pause", { payouts: true })).toMatchObject({ charges_enabled: false, payouts_enabled: false });
    expect((await news(id)).map(({ previous }) => previous)).toEqual([{ payouts_enabled: true }]);
    expect(await force(id, "pause", { payments: false, payouts: false })).toMatchObject({
      charges_enabled: true,
      payouts_enabled: true,
      requirements: { disabled_reason: null },
    });
  });

  test("rejects, and takes it back: an account is as it was before", async () => {
    const { stripe } = server;
    const id = await enabled();
    expect(await stripe.accounts.reject(id, { reason: "terms_of_service" })).toMatchObject({
      charges_enabled: false,
      payouts_enabled: false,
      capabilities: { card_payments: "inactive" },
      requirements: { disabled_reason: "rejected.platform_terms_of_service" },
    });
    expect((await news(id)).map(({ type }) => type)).toEqual(TYPES);
    expect(await stripe.accounts.unreject(id)).toMatchObject({ charges_enabled: true, payouts_enabled: true });
    expect((await news(id))[0]?.previous).toEqual({
      capabilities: { card_payments: "inactive", transfers: "inactive" },
      charges_enabled: false,
      payouts_enabled: false,
      requirements: { disabled_reason: "rejected.platform_terms_of_service" },
    });
    expect(await refusal(stripe.accounts.unreject(id))).toMatchObject({ status: 400 });
    expect(await news(id)).toEqual([]);
  });

  test("rejects and still pays out, when it says so", async () => {
    const id = await enabled();
    const rejected = await server.stripe.accounts.reject(id, { reason: "other", payouts_action: "none" } as never);
    expect(rejected).toMatchObject({
      charges_enabled: false,
      payouts_enabled: true,
      requirements: { disabled_reason: "rejected.platform_other" },
    });
  });
});

describe("a live account", () => {
  test("is not deleted while it has a balance", async () => {
    const { live } = server;
    const { id } = await live.accounts.create({
      type: "custom",
      business_type: "individual",
      business_profile: { mcc: "5734", url: "https://example.com" },
      capabilities: BOTH,
      individual: JENNY,
      tos_acceptance: { date: 1_700_000_000, ip: "203.0.113.7" },
    });
    // At noon, so that the platform's own payouts, which are due at midnight, do not take the money first.
    await later(DAY - (now() % DAY) + DAY / 2);
    await live.topups.create({ amount: 5_000, currency: "usd" } as never);
    await later(DEFAULT_LIMITS.topupArrivalMs / 1_000);
    const { id: transfer } = await live.transfers.create({ amount: 1_000, currency: "usd", destination: id });
    expect((await refusal(live.accounts.del(id))).message).toContain("its balance is not zero");
    expect((await live.accounts.retrieve(id)).id).toBe(id);
    await live.transfers.createReversal(transfer);
    expect(await live.accounts.del(id)).toMatchObject({ id, deleted: true });
  });
});

describe("a test", () => {
  test("ends a verification before its time, well", async () => {
    const { stripe } = server;
    const { id } = await stripe.accounts.create({ type: "custom", capabilities: BOTH });
    await force(id, "complete_onboarding", { business_type: "company", verification: "delayed" });
    const { data } = await stripe.accounts.listPersons(id);
    const person = data[0]?.id ?? "";
    await news(id);
    await force(id, "verification", { outcome: "verified", person });
    expect((await stripe.accounts.retrievePerson(id, person)).verification?.status).toBe("verified");
    expect(await stripe.accounts.retrieve(id)).toMatchObject({ charges_enabled: false });
    expect(await force(id, "verification", { outcome: "verified" })).toMatchObject({ charges_enabled: true, payouts_enabled: true });
    await news(id);
    await later(VERIFICATION_SECONDS);
    expect(await news(id)).toEqual([]);
  });

  test.each([
    [{}, "verification.document", "verification_failed_keyed_identity"],
    [{ code: "verification_document_expired" }, "verification.document", "verification_document_expired"],
    [{ requirement: "individual.last_name", code: "verification_failed_name_match" }, "last_name", "verification_failed_name_match"],
  ])("lets one fail: %j", async (params, field, code) => {
    const { stripe } = server;
    const id = await enabled();
    const failed = await force(id, "verification", { outcome: "failed", ...params });
    expect(failed.requirements).toMatchObject({
      currently_due: [`individual.${field}`],
      errors: [{ code, requirement: `individual.${field}` }],
    });
    expect(failed.individual).toMatchObject({ requirements: { currently_due: [field] }, verification: { status: "unverified" } });
    expect((await news(id)).map(({ type }) => type)).toEqual(TYPES);
    const individual =
      field === "last_name" ? { last_name: "Rose" } : { verification: { document: { front: "file_identity_document_success" } } };
    await stripe.accounts.update(id, { individual });
    await later(VERIFICATION_SECONDS);
    expect(await stripe.accounts.retrieve(id)).toMatchObject({
      individual: { verification: { status: "verified" } },
      requirements: { currently_due: [], errors: [], pending_verification: [] },
    });
  });

  test("lets fail what no verification is of otherwise, and it is mended by telling it again", async () => {
    const { stripe } = server;
    const id = await enabled("company");
    const code = "invalid_value_other";
    expect((await force(id, "verification", { outcome: "failed", requirement: "company.phone", code })).requirements).toMatchObject({
      currently_due: ["company.phone"],
      errors: [{ code }],
    });
    expect((await stripe.accounts.update(id, { company: { phone: "0000000000" } })).requirements).toMatchObject({
      currently_due: [],
      errors: [],
    });
  });

  test.each([
    ["requirements", {}, { param: "requirement", code: "parameter_missing" }],
    ["requirements", { requirement: "individual.shoe_size" }, { param: "requirement" }],
    ["requirements", { requirement: "external_account" }, { param: "requirement" }],
    ["requirements", { requirement: "person_0000.email" }, { param: "requirement" }],
    ["verification", { outcome: "perhaps" }, { param: "outcome" }],
    ["verification", { outcome: "failed", code: "bad_hair" }, { param: "code" }],
    ["verification", { outcome: "verified", person: "person_0000" }, { param: "person", code: "resource_missing" }],
    ["complete_onboarding", { business_type: "circus" }, { param: "business_type" }],
    ["threshold", { crosses: "the line" }, { param: "crosses" }],
    ["pause", { payments: "perhaps" }, { param: "payments" }],
  ])("is refused %s %j, and nothing has changed", async (what, params, error) => {
    const { stripe } = server;
    const id = await enabled();
    const before = JSON.stringify(await stripe.accounts.retrieve(id));
    expect(await refusal(force(id, what, params))).toMatchObject(error);
    expect(JSON.stringify(await stripe.accounts.retrieve(id))).toBe(before);
    expect(await news(id)).toEqual([]);
  });

  test("is refused the end of a verification that has not begun", async () => {
    const { stripe } = server;
    const { id } = await stripe.accounts.create({ type: "custom", business_type: "individual", individual: { first_name: "Jenny" } });
    await news(id);
    for (const outcome of ["failed", "verified"])
      expect((await refusal(force(id, "verification", { outcome }))).message).toContain("has not all been given");
    expect(await news(id)).toEqual([]);
  });

  test("is refused accounts that are not connected, and its own", async () => {
    expect(await refusal(force("acct_0000000000000000", "pause"))).toMatchObject({ status: 403, code: "account_invalid" });
    const own = (await server.stripe.accounts.retrieveCurrent()).id;
    expect(await refusal(force(own, "pause"))).toMatchObject({ status: 400 });
  });
});

describe("requirements", () => {
  test("of people show in the account under their names, and people tell of their own", async () => {
    const { stripe } = server;
    const id = await enabled("company");
    const person = await stripe.accounts.createPerson(id, { relationship: { owner: true } });
    expect(person.requirements?.currently_due).toContain("dob.day");
    expect((await stripe.accounts.retrieve(id)).requirements?.currently_due).toContain(`${person.id}.dob.day`);
    await news(id);
    await stripe.accounts.updatePerson(id, person.id, JENNY);
    const [told] = await news(id);
    expect(told).toMatchObject({
      type: "person.updated",
      previous: {
        requirements: { currently_due: person.requirements?.currently_due, pending_verification: [] },
        verification: { status: "unverified" },
      },
    });
    await stripe.accounts.deletePerson(id, person.id);
    expect((await stripe.accounts.retrieve(id)).requirements?.currently_due).toEqual([]);
  });
});

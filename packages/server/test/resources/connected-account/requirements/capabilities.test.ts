import { describe, expect, test } from "vitest";
import { refusal } from "../../../platform-of-its-own.ts";
import { BOTH, requirementsServer, VERIFICATION_SECONDS } from "./requirements-fixture.ts";

const server = requirementsServer();
const { later, news, force } = server;

describe("capabilities", () => {
  test("requested by a call of their own: the account and the capability tell", async () => {
    const { stripe } = server;
    const { id } = await stripe.accounts.create({ type: "custom" });
    expect((await stripe.accounts.listCapabilities(id)).data).toEqual([]);
    expect(await stripe.accounts.retrieveCapability(id, "transfers")).toMatchObject({
      requested: false,
      requested_at: null,
      status: "unrequested",
    });
    await news(id);
    const requested = await stripe.accounts.updateCapability(id, "card_payments", { requested: true });
    expect(requested).toMatchObject({
      id: "card_payments",
      object: "capability",
      account: id,
      requested: true,
      requested_at: expect.any(Number),
      status: "inactive",
      requirements: { disabled_reason: "requirements.fields_needed" },
    });
    expect(requested.requirements?.currently_due).toContain("business_profile.mcc");
    expect(requested.requirements?.past_due).toEqual(requested.requirements?.currently_due);
    const told = await news(id);
    expect(told.map(({ type }) => type)).toEqual(["account.updated", "capability.updated"]);
    expect(told[0]?.previous).toMatchObject({ capabilities: { card_payments: null } });
    expect((await stripe.accounts.retrieve(id)).capabilities).toEqual({ card_payments: "inactive" });
    expect((await stripe.accounts.listCapabilities(id)).data).toHaveLength(1);
    const expanded = await stripe.accounts.retrieveCapability(id, "card_payments", { expand: ["account"] });
    expect(expanded.account).toMatchObject({ id, object: "account" });
  });

  test("that were never granted can be given back, and are not asked of then", async () => {
    const { stripe } = server;
    const { id } = await stripe.accounts.create({ type: "custom", capabilities: BOTH });
    await news(id);
    expect(await stripe.accounts.updateCapability(id, "card_payments", { requested: false })).toMatchObject({
      requested: false,
      status: "unrequested",
      requirements: { currently_due: [], disabled_reason: null },
    });
    expect((await news(id)).map(({ type }) => type)).toEqual(["account.updated", "capability.updated"]);
    const account = await stripe.accounts.retrieve(id);
    expect(account.capabilities).toEqual({ transfers: "inactive" });
    expect(account.requirements?.currently_due).not.toContain("business_profile.mcc");
  });

  test("card_payments and transfers go together; others go alone", async () => {
    const { stripe } = server;
    const { id } = await stripe.accounts.create({ type: "custom", capabilities: BOTH });
    await force(id, "complete_onboarding");
    await stripe.accounts.updateCapability(id, "link_payments", { requested: true });
    expect((await stripe.accounts.retrieve(id)).capabilities).toEqual({
      card_payments: "active",
      link_payments: "active",
      transfers: "active",
    });
    await stripe.accounts.updateCapability(id, "treasury", { requested: true });
    expect((await stripe.accounts.retrieve(id)).capabilities).toMatchObject({ card_payments: "active", treasury: "inactive" });
    await news(id);
    await force(id, "requirements", { requirement: "business_profile.mcc" });
    expect(await stripe.accounts.retrieve(id)).toMatchObject({
      capabilities: { card_payments: "inactive", transfers: "inactive" },
      charges_enabled: false,
    });
  });

  test.each([
    ["granted", "custom", "card_payments", false, { status: 400, param: "capabilities[card_payments][requested]" }],
    [
      "requested for it",
      "standard",
      "treasury",
      true,
      { status: 400, code: "not_allowed_on_standard_account", param: "capabilities[treasury][requested]" },
    ],
  ] as const)("that is %s cannot be changed by a platform", async (_, type, capability, requested, error) => {
    const { stripe } = server;
    const { id } = await stripe.accounts.create({ type });
    await force(id, "complete_onboarding");
    await news(id);
    const before = JSON.stringify((await stripe.accounts.retrieve(id)).capabilities);
    expect(await refusal(stripe.accounts.updateCapability(id, capability, { requested }))).toMatchObject(error);
    expect(await refusal(stripe.accounts.update(id, { capabilities: { [capability]: { requested } } }))).toMatchObject(error);
    expect(JSON.stringify((await stripe.accounts.retrieve(id)).capabilities)).toBe(before);
    expect(await news(id)).toEqual([]);
  });

  test("that are unknown, or another's, are refused", async () => {
    const { stripe } = server;
    const { id } = await stripe.accounts.create({ type: "custom" });
    expect(await refusal(stripe.accounts.retrieveCapability(id, "flying"))).toMatchObject({ status: 404, code: "resource_missing" });
    expect(await refusal(stripe.accounts.updateCapability("acct_0000000000000000", "transfers", { requested: true }))).toMatchObject({
      status: 403,
      code: "account_invalid",
    });
    expect(await refusal(stripe.accounts.updateCapability(id, "transfers", { requested: "maybe" } as never))).toMatchObject({
      status: 400,
      param: "requested",
    });
  });

  test("tell when a verification changes them, by themselves", async () => {
    const { stripe } = server;
    const { id } = await stripe.accounts.create({ type: "custom", capabilities: { transfers: { requested: true } } });
    await force(id, "complete_onboarding", { verification: "delayed" });
    expect(await stripe.accounts.retrieveCapability(id, "transfers")).toMatchObject({
      status: "pending",
      requirements: { disabled_reason: "pending.review" },
    });
    await news(id);
    await later(VERIFICATION_SECONDS);
    expect((await news(id)).filter(({ type }) => type === "capability.updated")).toEqual([
      {
        type: "capability.updated",
        previous: {
          status: "pending",
          requirements: { disabled_reason: "pending.review", eventually_due: [], pending_verification: expect.any(Array) },
        },
      },
    ]);
  });
});

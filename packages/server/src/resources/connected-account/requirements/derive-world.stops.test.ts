import { describe, expect, it } from "vitest";
import { freshWorld, tell, withBankAccount } from "../../../../test/resources/account-fixture.ts";
import {
  at,
  DAY,
  due,
  ENDED,
  enabled,
  INDIVIDUAL,
  individual,
  NOW,
  seen,
} from "../../../../test/resources/connected-account/requirements/enabled-worlds.ts";
import { DEFAULT_LIMITS } from "../../../limits.ts";
import type { ExternalAccount } from "../state/external-account-state.ts";
import { deriveWorld } from "./derive-world.ts";
import { crossThreshold } from "./thresholds.ts";

describe("what may stop an enabled account", () => {
  const verified = () => at(individual(), ENDED);

  it("a bank account that a payout failed to: payouts, until it is updated", () => {
    const world = withBankAccount(verified(), ENDED, "errored");
    expect(seen(world)).toEqual({ ...enabled, payouts: false });
    expect(due(world)).toMatchObject({
      currently_due: ["external_account"],
      past_due: ["external_account"],
      disabled_reason: "requirements.past_due",
    });
    expect(seen(withBankAccount(world, ENDED))).toEqual(enabled);
  });

  it("a bank account of one currency that a payout failed to, beside one of another; not one that is no default", () => {
    const [failed] = withBankAccount(verified(), ENDED, "errored").externalAccounts as [ExternalAccount];
    const other: ExternalAccount = {
      row: { ...failed.row, id: "ba_2" },
      state: { ...failed.state, currency: "cad", status: "new" },
    };
    const beside = (state: Partial<ExternalAccount["state"]>) =>
      at({ ...verified(), externalAccounts: [{ ...failed, state: { ...failed.state, ...state } }, other] }, ENDED);
    expect(seen(beside({}))).toEqual({ ...enabled, payouts: false });
    expect(seen(beside({ defaultForCurrency: false }))).toEqual(enabled);
  });

  it("no bank account of its mode", () => {
    const world = withBankAccount(verified(), ENDED);
    const externalAccounts = world.externalAccounts.map((one) => ({ ...one, row: { ...one.row, livemode: !world.state.livemode } }));
    expect(seen(at({ ...world, externalAccounts }, ENDED))).toEqual({ ...enabled, payouts: false });
  });

  it.each([
    ["charge_block", { charges: false, payouts: true, capabilities: { card_payments: "inactive", transfers: "inactive" } }],
    ["payout_block", { charges: true, payouts: false, capabilities: { card_payments: "active", transfers: "active" } }],
  ] as const)("a threshold: %s", (threshold, stopped) => {
    const world = at(crossThreshold(verified(), threshold, ENDED), ENDED);
    expect(seen(world)).toMatchObject(stopped);
    expect(due(world)).toMatchObject({ currently_due: ["individual.id_number"], past_due: ["individual.id_number"] });
    const given = tell(world, { individual: { id_number: "222222222" } }, ENDED);
    expect(seen(given)).toEqual(enabled);
    expect(due(given)).toMatchObject({ eventually_due: [], disabled_reason: null });
  });

  it("a threshold that leaves time", () => {
    const world = at(crossThreshold(verified(), "next_requirements", ENDED), ENDED);
    expect(seen(world)).toEqual(enabled);
    expect(due(world)).toMatchObject({
      currently_due: ["individual.id_number"],
      past_due: [],
      current_deadline: (ENDED + 14 * DAY) / 1_000,
    });
  });

  it("two thresholds of time, of which the nearer one counts until it is over", () => {
    const first = at(crossThreshold(verified(), "next_requirements", ENDED), ENDED);
    const both = tell(first, { email: "jenny+enforce_future_requirements@example.com" }, ENDED + DAY);
    const [one, other] = ["business_profile.estimated_worker_count", "individual.id_number"];
    expect(due(both)).toMatchObject({ currently_due: [one, other], past_due: [], current_deadline: (ENDED + 14 * DAY) / 1_000 });
    const { world, nextChangeAt } = deriveWorld(both, ENDED + 14 * DAY, DEFAULT_LIMITS);
    expect(due(world)).toMatchObject({ currently_due: [one, other], past_due: [other], current_deadline: (ENDED + 15 * DAY) / 1_000 });
    expect(nextChangeAt).toBe(ENDED + 15 * DAY);
    expect(due(at(world, ENDED + 15 * DAY))).toMatchObject({ past_due: [one, other], current_deadline: null });
  });

  it("its platform, which may pause payments, payouts or both", () => {
    const paused = (pause: { payments: boolean; payouts: boolean }) => {
      const world = verified();
      return at({ ...world, state: { ...world.state, review: { ...world.state.review, pause } } }, ENDED);
    };
    expect(seen(paused({ payments: true, payouts: false }))).toMatchObject({ charges: false, payouts: true });
    expect(seen(paused({ payments: false, payouts: true }))).toMatchObject({ charges: true, payouts: false });
    expect(due(paused({ payments: false, payouts: true })).disabled_reason).toBe("platform_paused");
    expect(seen(paused({ payments: false, payouts: false }))).toEqual(enabled);
  });

  it("a pause of payments, which leaves a recipient of transfers what it is paid out, and no charges", () => {
    const recipient = at(individual({ ...INDIVIDUAL, capabilities: { transfers: { requested: true } } }), ENDED);
    const { state } = recipient;
    const paused = at({ ...recipient, state: { ...state, review: { ...state.review, pause: { payments: true, payouts: false } } } }, ENDED);
    expect(seen(recipient)).toEqual({ ...enabled, capabilities: { transfers: "active" } });
    expect(seen(paused)).toEqual({ ...enabled, charges: false, capabilities: { transfers: "active" } });
  });

  it("a rejection, which is taken back", () => {
    const world = verified();
    const rejected = at({ ...world, state: { ...world.state, rejection: { reason: "fraud", pausesPayouts: false } } }, ENDED);
    expect(seen(rejected)).toMatchObject({ charges: false, payouts: true, capabilities: { card_payments: "inactive" } });
    expect(due(rejected).disabled_reason).toBe("rejected.platform_fraud");
    expect(seen(at({ ...rejected, state: { ...rejected.state, rejection: null } }, ENDED))).toEqual(enabled);
    const wholly = at({ ...world, state: { ...world.state, rejection: { reason: "fraud", pausesPayouts: true } } }, ENDED);
    expect(seen(wholly)).toMatchObject({ charges: false, payouts: false });
  });

  it("a law that comes, for those who ask for it by their email address", () => {
    const world = tell(verified(), { email: "jenny+enforce_future_requirements@example.com" }, ENDED);
    expect(due(world)).toMatchObject({
      currently_due: ["business_profile.estimated_worker_count"],
      current_deadline: (ENDED + 14 * DAY) / 1_000,
    });
  });

  it("what will be required, from its day on", () => {
    const { state, ...world } = verified();
    const field = "business_profile.estimated_worker_count";
    const demands = { [field]: { from: ENDED + DAY, deadline: ENDED + 3 * DAY, given: false } };
    const told = deriveWorld({ ...world, state: { ...state, review: { ...state.review, demands } } }, ENDED, DEFAULT_LIMITS);
    expect(due(told.world).currently_due).toEqual([]);
    expect(told.world.state.derived.futureRequirements).toMatchObject({ currently_due: [field], current_deadline: (ENDED + DAY) / 1_000 });
    expect(told.nextChangeAt).toBe(ENDED + DAY);
    const then = deriveWorld(told.world, ENDED + DAY, DEFAULT_LIMITS);
    expect(due(then.world)).toMatchObject({ currently_due: [field], past_due: [], current_deadline: (ENDED + 3 * DAY) / 1_000 });
    expect(then.nextChangeAt).toBe(ENDED + 3 * DAY);
  });

  it("a capability that needs more: not what is active already", () => {
    const transfers = at(individual({ ...INDIVIDUAL, capabilities: { transfers: { requested: true } } }), ENDED);
    expect(seen(transfers)).toMatchObject({ charges: true, payouts: true, capabilities: { transfers: "active" } });
    expect(due(transfers).disabled_reason).toBeNull();
    const treasury = tell(transfers, { capabilities: { treasury: { requested: true } } }, ENDED);
    expect(seen(treasury)).toMatchObject({ payouts: true, capabilities: { transfers: "active", treasury: "inactive" } });
    expect(treasury.state.derived.capabilities.treasury?.requirements.currently_due).toEqual([
      "settings.treasury.tos_acceptance.date",
      "settings.treasury.tos_acceptance.ip",
    ]);
  });

  it("a capability that is no longer requested, which is then as if never asked for", () => {
    const without = tell(verified(), { capabilities: { transfers: { requested: false } } }, ENDED);
    expect(seen(without).capabilities).toEqual({ card_payments: "active", transfers: "unrequested" });
    expect(without.state.derived.capabilities.transfers).toMatchObject({ requested: false, requestedAt: null });
    const again = tell(without, { capabilities: { transfers: { requested: true } } }, ENDED + DAY);
    expect(again.state.derived.capabilities.transfers).toMatchObject({ requested: true, requestedAt: ENDED + DAY });
  });

  it("of card_payments and transfers each the other", () => {
    const world = tell(
      withBankAccount(freshWorld({}, NOW), NOW),
      { ...INDIVIDUAL, business_profile: { url: "https://accessible.stripe.com" } },
      NOW,
    );
    const half = at(world, ENDED);
    expect(seen(half).capabilities).toEqual({ card_payments: "inactive", transfers: "inactive" });
    expect(half.state.derived.capabilities.transfers?.requirements).toMatchObject({ currently_due: [], disabled_reason: "other" });
  });
});

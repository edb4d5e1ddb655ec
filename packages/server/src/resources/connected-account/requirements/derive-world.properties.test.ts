import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { freshWorld, give, tell, tellPerson, withBankAccount } from "../../../../test/resources/account-fixture.ts";
import { DEFAULT_LIMITS } from "../../../limits.ts";
import type { AccountChange } from "../../accounts/change-account.ts";
import { passingValues } from "../../onboarding/passing-values.ts";
import type { AccountWorld } from "../state/account-world.ts";
import { deriveWorld } from "./derive-world.ts";
import { requestedCapabilities } from "./required-fields.ts";
import { crossThreshold } from "./thresholds.ts";

const NOW = 1_700_000_000_000;
const DAY = 24 * 3_600_000;

const dates = fc.constantFrom({ day: 1, month: 1, year: 1901 }, { day: 1, month: 1, year: 1902 }, { day: 1, month: 5, year: 1980 });
const person = fc.record(
  {
    first_name: fc.constantFrom("Jenny", "mismatch_director", "extraneous_owner"),
    last_name: fc.constant("Rosen"),
    email: fc.constant("jenny@example.com"),
    phone: fc.constant("0000000000"),
    dob: dates,
    address: fc.record({
      line1: fc.constantFrom("address_full_match", "address_no_match", "12 Main Street"),
      city: fc.constant("Austin"),
      country: fc.constant("US"),
      postal_code: fc.constant("73301"),
      state: fc.constant("TX"),
    }),
    id_number: fc.constantFrom("000000000", "111111111", "222222222"),
    ssn_last_4: fc.constantFrom("0000", "1111"),
    verification: fc.record({
      document: fc.record({ front: fc.constantFrom("file_identity_document_success", "file_identity_document_failure", "file_1") }),
    }),
  },
  { requiredKeys: [] },
);
const account = fc.record(
  {
    business_type: fc.constantFrom("individual", "company", "non_profit", "government_entity"),
    business_profile: fc.record(
      {
        mcc: fc.constant("5734"),
        url: fc.constantFrom("https://accessible.stripe.com", "https://missing.stripe.com", "https://a.example"),
        product_description: fc.constantFrom("Rides", "require_url"),
      },
      { requiredKeys: [] },
    ),
    capabilities: fc.dictionary(
      fc.constantFrom("card_payments", "transfers", "treasury", "tax_reporting_us_1099_k"),
      fc.constantFrom({ requested: true }, { requested: true }, { requested: false }),
    ),
    company: fc.record(
      {
        name: fc.constantFrom("Rocket Rides", "disallowed_name"),
        phone: fc.constant("0000000000"),
        tax_id: fc.constantFrom("000000000", "111111111", "222222222", "222221002"),
        owners_provided: fc.boolean(),
        directors_provided: fc.boolean(),
        address: fc.record({ line1: fc.constantFrom("address_full_match", "address_no_match"), city: fc.constant("Austin") }),
      },
      { requiredKeys: [] },
    ),
    email: fc.constantFrom("a@example.com", "a+enforce_future_requirements@example.com"),
    individual: person,
    tos_acceptance: fc.constant({ date: 1_700_000_000, ip: "203.0.113.7" }),
    settings: fc.record({ payments: fc.record({ statement_descriptor: fc.constantFrom("ROCKET", "mismatch") }) }),
  },
  { requiredKeys: [] },
) as unknown as fc.Arbitrary<AccountChange>;

type Step = (world: AccountWorld, now: number) => AccountWorld;
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: account.map(
      (change): Step =>
        (world, now) =>
          tell(world, change, now),
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom("person_1", "person_2"), person, fc.constantFrom("representative", "owner", "director", "executive"))
      .map(
        ([id, told, role]): Step =>
          (world, now) =>
            tellPerson(world, id, { ...told, relationship: { [role]: true } }, now),
      ),
  },
  fc.constantFrom("new" as const, "errored" as const).map(
    (status): Step =>
      (world, now) =>
        withBankAccount(world, now, status),
  ),
  fc.constantFrom("next_requirements" as const, "charge_block" as const, "payout_block" as const).map(
    (threshold): Step =>
      (world, now) =>
        deriveWorld(crossThreshold(world, threshold, now), now, DEFAULT_LIMITS).world,
  ),
);
const story = fc.array(fc.tuple(step, fc.constantFrom(0, 60_000, 120_000, DAY, 15 * DAY)), { maxLength: 12 });
const kind = fc.record({
  type: fc.constantFrom("standard" as const, "express" as const, "custom" as const),
  country: fc.constantFrom("US", "GB", "DE", "CA", "AU", "FR"),
});

/** Runs a story; `check` sees the world at every moment. Returns the final world and time. */
function live(account: { type: "standard" | "express" | "custom"; country: string }, steps: readonly [Step, number][], check: Step) {
  let now = NOW;
  let world = check(freshWorld(account, now), now);
  for (const [change, later] of steps) {
    world = check(change(world, now), now);
    now += later;
    world = check(deriveWorld(world, now, DEFAULT_LIMITS).world, now);
  }
  return { world, now };
}

describe("whatever an account is told", () => {
  it("what is past due is due, what is due is due eventually, and what is verified is neither", () => {
    fc.assert(
      fc.property(kind, story, (account, steps) => {
        live(account, steps, (world) => {
          const owners = [
            world.state.derived.requirements,
            ...world.persons.map(({ state }) => state.derived.requirements),
            ...Object.values(world.state.derived.capabilities).map(({ requirements }) => requirements),
          ];
          for (const { currently_due, eventually_due, past_due, pending_verification, errors } of owners) {
            expect(eventually_due).toEqual(expect.arrayContaining(currently_due ?? []));
            expect(currently_due).toEqual(expect.arrayContaining(past_due ?? []));
            expect((pending_verification ?? []).filter((field) => eventually_due?.includes(field))).toEqual([]);
            expect(currently_due).toEqual(expect.arrayContaining((errors ?? []).map(({ requirement }) => requirement)));
          }
          return world;
        });
      }),
    );
  });

  it("what follows from what follows is the same, and what changes by itself lies ahead", () => {
    fc.assert(
      fc.property(kind, story, (account, steps) => {
        live(account, steps, (world, now) => {
          const again = deriveWorld(world, now, DEFAULT_LIMITS);
          expect(again.world).toEqual(world);
          if (again.nextChangeAt !== null) {
            expect(again.nextChangeAt).toBeGreaterThan(now);
            const before = deriveWorld(world, again.nextChangeAt - 1, DEFAULT_LIMITS).world;
            expect(before.state.derived).toEqual(world.state.derived);
          }
          return world;
        });
      }),
    );
  });

  it("everything that is due can be given, and enables it", () => {
    fc.assert(
      fc.property(kind, story, (account, steps) => {
        const lived = live(account, steps, (world) => world);
        let { now } = lived;
        let world = tell(lived.world, { capabilities: { card_payments: { requested: true } } }, now);
        if (!requestedCapabilities(world).includes("transfers"))
          world = tell(world, { capabilities: { transfers: { requested: true } } }, now);
        for (let round = 0; round < 12; round += 1) {
          const due = world.state.derived.requirements.currently_due ?? [];
          if (due.length > 0) {
            const value = passingValues(due[0] ?? "", world);
            if (value === null) throw new Error(`nothing passes for ${due[0]}`);
            for (const field of due) {
              const passing = passingValues(field, world);
              if (passing !== null) world = give(world, passing, now);
            }
          } else {
            now += 120_000;
            world = deriveWorld(world, now, DEFAULT_LIMITS).world;
          }
        }
        expect(world.state.derived).toMatchObject({
          chargesEnabled: true,
          detailsSubmitted: true,
          payoutsEnabled: true,
          requirements: { currently_due: [], disabled_reason: null },
        });
      }),
    );
  });
});

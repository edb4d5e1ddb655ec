import { DEFAULT_LIMITS } from "../../../../src/limits.ts";
import type { AccountChange } from "../../../../src/resources/accounts/change-account.ts";
import { deriveWorld } from "../../../../src/resources/connected-account/requirements/derive-world.ts";
import type { AccountWorld } from "../../../../src/resources/connected-account/state/account-world.ts";
import { freshWorld, tell, tellPerson, withBankAccount } from "../../account-fixture.ts";

/** Unix milliseconds: when the accounts below are made. */
export const NOW = 1_700_000_000_000;
export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
export const BOTH = { card_payments: { requested: true }, transfers: { requested: true } };
/** The world as it is at a time. */
export const at = (world: AccountWorld, now: number) => deriveWorld(world, now, DEFAULT_LIMITS).world;
/** What an account may do. */
export const seen = ({ state: { derived } }: AccountWorld) => ({
  charges: derived.chargesEnabled,
  payouts: derived.payoutsEnabled,
  submitted: derived.detailsSubmitted,
  capabilities: Object.fromEntries(Object.entries(derived.capabilities).map(([name, { status }]) => [name, status])),
});
/** What is required of it. */
export const due = ({ state: { derived } }: AccountWorld) => derived.requirements;

export const ADDRESS = { line1: "address_full_match", city: "Austin", postal_code: "73301", state: "TX" };
export const JENNY = {
  address: ADDRESS,
  dob: { day: 1, month: 1, year: 1901 },
  email: "jenny@example.com",
  first_name: "Jenny",
  last_name: "Rosen",
  phone: "0000000000",
  ssn_last_4: "0000",
};
export const BUSINESS: AccountChange = {
  business_profile: { mcc: "5734", url: "https://accessible.stripe.com" },
  capabilities: BOTH,
  tos_acceptance: { date: 1_700_000_000, ip: "203.0.113.7" },
};
export const INDIVIDUAL: AccountChange = { ...BUSINESS, business_type: "individual", individual: JENNY };
export const COMPANY: AccountChange = {
  ...BUSINESS,
  business_type: "company",
  company: { address: ADDRESS, name: "Rocket Rides", phone: "0000000000", tax_id: "000000000", owners_provided: true },
};
/** An individual that has given all that is asked of it. */
export const individual = (change: AccountChange = {}, jenny: object = {}) =>
  tell(withBankAccount(freshWorld({}, NOW), NOW), { ...INDIVIDUAL, ...change, individual: { ...JENNY, ...jenny } }, NOW);
/** The requirements for the unnamed persons of a company in the United States. */
export const unnamed = (role: string) =>
  ["address.city", "address.line1", "address.postal_code", "address.state", "dob.day", "dob.month", "dob.year", "email"]
    .concat(["first_name", "last_name", "phone", ...(role === "representative" ? ["relationship.title"] : []), "ssn_last_4"])
    .map((field) => `${role}.${field}`);
const REPRESENTATIVE = { ...JENNY, relationship: { representative: true, title: "CEO" } };
/** A company with its representative that has. */
export const company = (change: AccountChange = {}) =>
  tellPerson(tell(withBankAccount(freshWorld({}, NOW), NOW), { ...COMPANY, ...change }, NOW), "person_rep", REPRESENTATIVE, NOW);
/** What `seen` shows of either once it is verified. */
export const enabled = { charges: true, payouts: true, submitted: true, capabilities: { card_payments: "active", transfers: "active" } };
/** When the verifications of what was given at `NOW` have ended. */
export const ENDED = NOW + 2 * MINUTE;

import type Stripe from "stripe";
import { afterAll, beforeAll } from "vitest";
import type { Carabiner } from "../../../../src/carabiner.ts";
import { startCarabiner } from "../../../../src/start-carabiner.ts";
import { platformOfItsOwn } from "../../../platform-of-its-own.ts";

/** What an event told, without what differs from run to run. */
export interface Told {
  type: string;
  previous: unknown;
}

export interface RequirementsServer {
  stripe: Stripe;
  live: Stripe;
  /** Turns the clock, and does what falls due at its own time. */
  later(seconds: number): Promise<void>;
  now(): number;
  /** Forces something of an account, by a call below `/v1/test_helpers/accounts/<id>/`. */
  force(account: string, what: string, params?: object): Promise<Stripe.Account>;
  /** What happened to an account since this was last asked, the oldest first. */
  news(account: string): Promise<Told[]>;
}

/** Not the defaults, which a place that does not respect the limits would use. */
export const VERIFICATION_SECONDS = 100;
export const GRACE_SECONDS = 11 * 24 * 3_600;

/** A server for the tests of one file, with its own platform. */
export function requirementsServer(): RequirementsServer {
  let server: Carabiner;
  let stripe: Stripe;
  let live: Stripe;
  const seen = new Map<string, string>();
  beforeAll(async () => {
    server = await startCarabiner({ limits: { verificationMs: VERIFICATION_SECONDS * 1_000, requirementGraceMs: GRACE_SECONDS * 1_000 } });
    ({ test: stripe, live } = await platformOfItsOwn(server));
  });
  afterAll(() => server.close());
  return {
    get stripe() {
      return stripe;
    },
    get live() {
      return live;
    },
    later: (seconds) => server.clock.advance({ seconds }),
    now: () => Math.floor(server.clock.now() / 1_000),
    force: (account, what, params = {}) =>
      stripe.rawRequest(
        "POST",
        `/v1/test_helpers/accounts/${account}/${what}`,
        params as Record<string, unknown>,
      ) as unknown as Promise<Stripe.Account>,
    async news(account) {
      const last = seen.get(account);
      const { data } = await stripe.events.list(
        { limit: 100, ...(last === undefined ? {} : { ending_before: last }) },
        { stripeAccount: account },
      );
      if (data[0] !== undefined) seen.set(account, data[0].id);
      return data.reverse().map(({ type, data: { previous_attributes: previous } }) => ({ type, previous: previous ?? null }));
    },
  };
}

export const ADDRESS = { line1: "address_full_match", city: "Austin", postal_code: "73301", state: "TX", country: "US" };
export const BOTH = { card_payments: { requested: true }, transfers: { requested: true } };
export const JENNY = {
  address: ADDRESS,
  dob: { day: 1, month: 1, year: 1901 },
  email: "jenny@example.com",
  first_name: "Jenny",
  last_name: "Rosen",
  phone: "0000000000",
  ssn_last_4: "0000",
};

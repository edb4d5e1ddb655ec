import type Stripe from "stripe";
import type { Carabiner } from "../../../src/index.ts";

/** An account of which all that is asked first has been given and verified; the clock is turned for it. Its id. */
export async function verifiedAccount(server: Carabiner, stripe: Stripe): Promise<string> {
  const { id } = await stripe.accounts.create({
    type: "custom",
    country: "US",
    business_type: "individual",
    business_profile: { mcc: "5734", url: "https://accessible.stripe.com" },
    capabilities: { card_payments: { requested: true }, transfers: { requested: true } },
    external_account: "btok_us_verified",
    individual: {
      address: { line1: "address_full_match", city: "Austin", postal_code: "73301", state: "TX" },
      dob: { day: 1, month: 1, year: 1901 },
      email: "jenny@example.com",
      first_name: "Jenny",
      last_name: "Rosen",
      phone: "0000000000",
      ssn_last_4: "0000",
    },
    tos_acceptance: { date: 1_700_000_000, ip: "203.0.113.7" },
  });
  await server.clock.advance({ seconds: 300 });
  const { charges_enabled, payouts_enabled } = await stripe.accounts.retrieve(id);
  if (!charges_enabled || !payouts_enabled) throw new Error("the account is not verified");
  return id;
}

import { startCarabiner } from "@carabiner/server";
import { expect, test } from "@jest/globals";
import Stripe from "stripe";

// NODE_OPTIONS=--experimental-vm-modules jest
test("an account that is updated says so", async () => {
  const carabiner = await startCarabiner();
  try {
    const stripe = new Stripe(carabiner.keys.test.secret, { host: carabiner.host, port: carabiner.port, protocol: "http" });
    const account = await stripe.accounts.create({ type: "custom", country: "US" });
    await stripe.accounts.update(account.id, { metadata: { plan: "gold" } });
    await carabiner.clock.advance({ seconds: 3 * 24 * 3_600 });

    const { data } = await stripe.events.list({ type: "account.updated" }, { stripeAccount: account.id });
    expect(data.map((event) => event.account)).toEqual([account.id]);
  } finally {
    await carabiner.close();
  }
});

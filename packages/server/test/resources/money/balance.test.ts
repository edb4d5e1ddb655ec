import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { platformOfItsOwn, refusal } from "../../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

test("an account that has nothing has nothing in its own currency", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const { id } = await stripe.accounts.create({ type: "custom", country: "DE" });
  const nothing = (currency: string) => [{ amount: 0, currency, source_types: { card: 0 } }];
  expect(await stripe.balance.retrieve()).toMatchObject({
    object: "balance",
    livemode: false,
    available: nothing("usd"),
    pending: nothing("usd"),
  });
  expect(await stripe.balance.retrieve({}, { stripeAccount: id })).toMatchObject({
    available: nothing("eur"),
    instant_available: nothing("eur"),
  });
  expect((await stripe.balanceTransactions.list({}, { stripeAccount: id })).data).toEqual([]);
});

test("transactions of a payout that is not there are not listed, nor is a transaction that is not there", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  expect(await refusal(stripe.balanceTransactions.list({ payout: "po_1" }))).toMatchObject({
    status: 400,
    code: "resource_missing",
    param: "payout",
  });
  expect(await refusal(stripe.balanceTransactions.retrieve("txn_1"))).toMatchObject({ status: 404, code: "resource_missing", param: "id" });
});

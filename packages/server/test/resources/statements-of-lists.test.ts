import pg from "pg";
import { expect, test, vi } from "vitest";
import { createTestDatabase } from "../../../../scripts/test-database.ts";
import { BEGIN } from "../../src/store/postgres/transactions/transactions.ts";
import { cleanUp } from "../clean-up.ts";
import { platformOfItsOwn } from "../platform-of-its-own.ts";
import { start } from "../server-of-its-own.ts";

const FEW = 1;
const MANY = 3;
/** The tables that these lists read. */
const TABLES = /\b(?:accounts|applications|connections|endpoint_failures|endpoints|objects|platform_settings)\b/;

/** A statement to PostgreSQL costs a round trip: a list that needs one more for each of its rows is slow. */
test("lists ask PostgreSQL as often for many rows as for few", async () => {
  const database = await createTestDatabase();
  cleanUp.push(() => database.drop());
  const server = await start({ store: { url: database.url } });
  const { test: stripe } = await platformOfItsOwn(server);
  // One more than is asked for: the last page of a list takes a look at what is left.
  for (let n = 0; n <= MANY; n++) {
    const account = await stripe.accounts.create({
      type: "custom",
      country: "US",
      business_type: "individual",
      individual: { first_name: `Shop ${n}` },
      capabilities: { card_payments: { requested: true }, transfers: { requested: true } },
      external_account: {
        object: "bank_account",
        country: "US",
        currency: "usd",
        routing_number: "110000000",
        account_number: "000123456789",
      },
    });
    const made = await stripe.v2.core.accounts.create({ contact_email: `${n}@example.com`, configuration: { customer: {} } });
    expect([account.object, made.object]).toEqual(["account", "v2.core.account"]);
    const customer = await stripe.customers.create({ name: `Buyer ${n}` });
    await stripe.paymentIntents.create({
      amount: 2_000,
      currency: "usd",
      confirm: true,
      payment_method: "pm_card_visa",
      customer: customer.id,
      on_behalf_of: account.id,
      transfer_data: { destination: account.id },
    });
    await stripe.prices.create({ currency: "usd", unit_amount: 100, product_data: { name: `Thing ${n}` } });
    await stripe.webhookEndpoints.create({ url: `http://127.0.0.1:9/${n}`, enabled_events: ["payout.paid"], connect: true });
  }
  const lists = [
    "/v1/accounts",
    "/v2/core/accounts",
    "/v1/webhook_endpoints",
    "/console/webhook_endpoints",
    expanding("charges", "customer", "payment_intent.customer", "balance_transaction", "transfer_data.destination"),
    expanding("transfers", "destination", "destination_payment", "source_transaction.customer"),
    expanding("balance_transactions", "source"),
    expanding("prices", "product"),
  ];
  for (const path of lists) {
    const asked = async (limit: number): Promise<number> => {
      const statements = counted();
      const { data } = (await stripe.rawRequest("GET", `${path}${path.includes("?") ? "&" : "?"}limit=${limit}`)) as unknown as {
        data: unknown[];
      };
      expect(data.length, path).toBe(limit);
      return statements();
    };
    // The first time, what the server knows of its caller is read as well.
    await asked(1);
    expect(await asked(MANY), path).toBe(await asked(FEW));
  }
});

/** The path of a list that expands fields of its objects. */
function expanding(list: string, ...fields: string[]): string {
  return `/v1/${list}?${fields.map((field) => `expand[]=data.${field}`).join("&")}`;
}

/**
 * Counts the statements on these tables from now until it is asked: those of transactions that only read, which calls
 * alone make of them.
 */
function counted(): () => number {
  let count = 0;
  const looking = new WeakSet<pg.Client>();
  const query = pg.Client.prototype.query as (...given: unknown[]) => unknown;
  const spy = vi.spyOn(pg.Client.prototype, "query").mockImplementation(function (this: pg.Client, ...given: unknown[]) {
    const [asked] = given as [string | { text: string }];
    const text = typeof asked === "string" ? asked : asked.text;
    if (text === BEGIN.looking) looking.add(this);
    else if (/^(?:BEGIN|COMMIT|ROLLBACK)/.test(text)) looking.delete(this);
    if (looking.has(this) && TABLES.test(text)) count++;
    return query.apply(this, given);
  } as never);
  return () => {
    spy.mockRestore();
    return count;
  };
}

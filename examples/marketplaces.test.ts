import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Carabiner, startCarabiner } from "@carabiner/server";
import Stripe from "stripe";
import { afterEach, expect, test } from "vitest";
import { createTestDatabase } from "../scripts/test-database.ts";
import { MarketplaceProgram } from "./marketplace-program.ts";

// Each marketplace against a real server: accounts that change, a payout that fails, an account that leaves; with kills
// in between.

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A bank account of the US whose payouts fail with `account_closed`. */
const CLOSED = "000111111113";
const HOURS_S = 6 * 3_600;

async function sqliteFile(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "carabiner-marketplace-"));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "marketplace.db");
}

async function postgresUrl(): Promise<string> {
  const { url, drop } = await createTestDatabase();
  closing.push(drop);
  return url;
}

/**
 * Turns the clock until what was refused while the marketplace was away has been sent again, and lets it work off all
 * it has.
 */
async function recover(carabiner: Carabiner, program: MarketplaceProgram): Promise<void> {
  await program.start();
  await carabiner.clock.advance({ seconds: HOURS_S });
  await carabiner.idle();
  await program.settled();
}

test.each([
  ["marketplace-express-sqlite", sqliteFile],
  ["marketplace-fastify-postgres", postgresUrl],
  ["marketplace-next-fetch", sqliteFile],
])("%s: each effect is there exactly once, whenever it is killed", { timeout: 180_000 }, async (folder, database) => {
  const carabiner = await startCarabiner();
  closing.push(() => carabiner.close());
  const stripe = new Stripe(carabiner.keys.test.secret, { host: carabiner.host, port: carabiner.port, protocol: "http" });
  const program = await MarketplaceProgram.at(folder, await database());
  closing.push(() => program.kill());
  const { secret } = await stripe.webhookEndpoints.create({ url: `${program.url}/stripe`, enabled_events: ["*"], connect: true });
  await program.start(secret ?? "");

  // A merchant with much to give, and a person who must be known.
  const merchant = await stripe.accounts.create({
    type: "custom",
    country: "US",
    business_type: "company",
    capabilities: { card_payments: { requested: true }, transfers: { requested: true } },
    external_account: { object: "bank_account", country: "US", currency: "usd", routing_number: "110000000", account_number: CLOSED },
    settings: { payouts: { schedule: { interval: "manual" } } },
  });
  const person = await stripe.accounts.createPerson(merchant.id, {
    first_name: "Ada",
    relationship: { representative: true, title: "CEO" },
  });
  await carabiner.idle();

  // It is killed while it hears of the person, and the next change finds nobody.
  const heard = program.says("person-needs-attention");
  await stripe.accounts.updatePerson(merchant.id, person.id, { last_name: "Lovelace" });
  await heard;
  await program.kill();
  await stripe.accounts.updatePerson(merchant.id, person.id, { email: "ada@example.com" });
  await carabiner.idle();
  await recover(carabiner, program);

  // All is given; then a payout fails, and it is killed when the handler has just run.
  await stripe.rawRequest("POST", `/v1/test_helpers/accounts/${merchant.id}/complete_onboarding`);
  const acting = { stripeAccount: merchant.id };
  await stripe.paymentIntents.create({ amount: 50_00, currency: "usd", confirm: true, payment_method: "pm_card_bypassPending" }, acting);
  const payout = await stripe.payouts.create({ amount: 20_00, currency: "usd" }, acting);
  await carabiner.idle();
  let killed = false;
  const death = program.says("payout-failed").then(async () => {
    await program.kill();
    killed = true;
  });
  // In small steps: in test mode, an event is sent four times within hours, and not again.
  while (!killed) await carabiner.clock.advance({ seconds: 3_600 });
  await death;
  await carabiner.idle();
  await recover(carabiner, program);

  // The bank account is put right while nobody listens.
  await program.kill();
  const [bank] = (await stripe.accounts.listExternalAccounts(merchant.id)).data;
  await stripe.accounts.updateExternalAccount(merchant.id, bank?.id ?? "", {});
  await carabiner.idle();
  await recover(carabiner, program);

  // An account with a dashboard of its own leaves.
  const guest = await stripe.accounts.create({ type: "standard", country: "US" });
  await carabiner.idle();
  const left = program.says("deauthorized");
  await stripe.accounts.del(guest.id);
  await left;
  await program.kill();
  await recover(carabiner, program);

  const notices = await program.notices();
  const of = (what: string) => notices.filter((notice) => notice.what === what);
  expect(of("payout failed").map(({ account, detail }) => [account, detail])).toEqual([[merchant.id, `${payout.id} account_closed`]]);
  expect(of("payout cured").map(({ account, detail }) => [account, detail])).toEqual([[merchant.id, payout.id]]);
  expect(of("left").map(({ account }) => account)).toEqual([guest.id]);
  expect(of("bank account").map(({ account, detail }) => [account, detail])).toEqual([[merchant.id, "errored"]]);
  expect(of("person").every(({ detail }) => detail.startsWith(person.id))).toBe(true);
  expect(of("person").length).toBeGreaterThan(0);
  expect(of("requirements").some(({ account, detail }) => account === merchant.id && detail.includes("external_account"))).toBe(true);
  // Whatever was sent again, and wherever it was killed: no event had its effect twice.
  const effects = notices.map(({ what, account, event }) => `${what} of ${account} for ${event}`);
  expect(effects).toEqual([...new Set(effects)]);
});

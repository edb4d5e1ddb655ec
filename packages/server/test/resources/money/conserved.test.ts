import fc from "fast-check";
import Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { type Platform, platformOfItsOwn } from "../../platform-of-its-own.ts";
import { topUp } from "./payable-account.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const currency = fc.constantFrom("usd", "eur");
const part = fc.integer({ min: 1, max: 4 });
const pick = fc.nat(20);

/**
 * What may happen. Picks are taken modulo what there is; parts are quarters of a whole, which may be more than is left.
 */
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant("charge" as const),
      how: fc.constantFrom("own", "direct", "destination", "held"),
      who: pick,
      amount: fc.integer({ min: 50, max: 20_000 }),
      fee: fc.integer({ min: 0, max: 1_000 }),
      card: fc.constantFrom("pm_card_visa", "pm_card_visa", "pm_card_bypassPending", "pm_card_chargeDeclined"),
      currency,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant("refund" as const), pick, part, reverse: fc.boolean(), feeBack: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant("transfer" as const),
      who: pick,
      amount: fc.integer({ min: 1, max: 5_000 }),
      ofCharge: fc.boolean(),
      pick,
      currency,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant("dispute" as const),
      how: fc.constantFrom("own", "direct", "destination"),
      who: pick,
      amount: fc.integer({ min: 50, max: 20_000 }),
      card: fc.constantFrom("pm_card_createDispute", "pm_card_createDispute", "pm_card_createDisputeInquiry"),
      answer: fc.constantFrom("winning_evidence", "winning_evidence", "losing_evidence", "escalate_inquiry_evidence", "words", null),
      currency,
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("reverse" as const), pick, part, feeBack: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("giveFeeBack" as const), pick, part }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant("topUp" as const),
      amount: fc.integer({ min: 1, max: 10_000 }),
      live: fc.boolean(),
      currency,
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("wait" as const), hours: fc.integer({ min: 1, max: 72 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

/** Whose money it may be: the platform's or a connected account's, in one mode. */
interface Party {
  stripe: Stripe;
  as: Stripe.RequestOptions | undefined;
}

interface World {
  platform: Platform;
  accounts: string[];
  parties: Party[];
  charges: { id: string; as: Stripe.RequestOptions | undefined; amount: number }[];
  transfers: Stripe.Transfer[];
  /** What came in from outside less what went out, by mode and currency. */
  inside: Record<string, number>;
}

test("balances are always the sums of their transactions, and no money is created or lost between accounts", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 15 }), async (steps) => {
      const world = await newWorld();
      let before = await look(world);
      for (const one of steps) {
        const done = await attempt(world, one);
        const after = await look(world);
        if (!done) expect(after).toEqual(before);
        check(world, after);
        before = after;
      }
    }),
    { numRuns: 8, endOnFailure: true },
  );
});

async function newWorld(): Promise<World> {
  const platform = await platformOfItsOwn(server);
  const capabilities = { card_payments: { requested: true }, transfers: { requested: true } };
  const made = [
    await platform.test.accounts.create({ type: "custom", capabilities }),
    await platform.test.accounts.create({
      controller: {
        fees: { payer: "application" },
        losses: { payments: "application" },
        requirement_collection: "application",
        stripe_dashboard: { type: "none" },
      },
      capabilities,
    }),
    await platform.test.accounts.create({ type: "standard", capabilities }),
  ];
  const accounts = made.map(({ id }) => id);
  const own = [platform.test, platform.live].map((stripe) => ({ stripe, as: undefined }));
  const theirs = accounts.map((stripeAccount) => ({ stripe: platform.test, as: { stripeAccount } }));
  return { platform, accounts, parties: [...own, ...theirs], charges: [], transfers: [], inside: {} };
}

/**
 * Does a step. Returns whether it was done: not when it was refused, or there was nothing to do it to. A declined card
 * is neither.
 */
async function attempt(world: World, one: Step): Promise<boolean> {
  try {
    return await act(world, one);
  } catch (error) {
    if (error instanceof Stripe.errors.StripeCardError) return true;
    if (error instanceof Stripe.errors.StripeInvalidRequestError && error.statusCode !== undefined && error.statusCode < 500) return false;
    throw error;
  }
}

async function act(world: World, one: Step): Promise<boolean> {
  const stripe = world.platform.test;
  const account = (who: number) => world.accounts[who % world.accounts.length] as string;
  const came = (mode: string, currency: string, amount: number) => {
    world.inside[`${mode} ${currency}`] = (world.inside[`${mode} ${currency}`] ?? 0) + amount;
  };
  switch (one.does) {
    case "wait":
      await server.clock.advance({ seconds: one.hours * 3_600 });
      return true;
    case "topUp": {
      if (one.live) {
        await world.platform.live.topups.create({ amount: one.amount, currency: one.currency });
        came("live", one.currency, 0);
      } else {
        await topUp(server, stripe, { amount: one.amount, currency: one.currency });
        came("test", one.currency, one.amount);
      }
      return true;
    }
    case "charge": {
      const as = one.how === "direct" ? { stripeAccount: account(one.who) } : undefined;
      const intent = await stripe.paymentIntents.create(
        {
          amount: one.amount,
          currency: one.currency,
          payment_method: one.card,
          confirm: true,
          ...(one.how === "held" ? { capture_method: "manual" as const } : {}),
          ...(one.how === "destination" ? { transfer_data: { destination: account(one.who) } } : {}),
          ...(one.fee === 0 || one.how === "own" || one.how === "held" ? {} : { application_fee_amount: one.fee }),
        },
        as,
      );
      const taken = one.how === "held" ? Math.ceil(one.amount / 2) : one.amount;
      if (one.how === "held") await stripe.paymentIntents.capture(intent.id, { amount_to_capture: taken });
      came("test", one.currency, taken);
      world.charges.push({ id: intent.latest_charge as string, as, amount: taken });
      return true;
    }
    case "refund": {
      const charge = world.charges[one.pick % Math.max(1, world.charges.length)];
      if (charge === undefined) return false;
      const refund = await stripe.refunds.create(
        {
          charge: charge.id,
          amount: Math.ceil((charge.amount * one.part) / 4),
          reverse_transfer: one.reverse,
          refund_application_fee: one.feeBack,
        },
        charge.as,
      );
      came("test", refund.currency, -refund.amount);
      return true;
    }
    case "transfer": {
      const charge = one.ofCharge ? world.charges[one.pick % Math.max(1, world.charges.length)] : undefined;
      const transfer = await stripe.transfers.create({
        amount: one.amount,
        currency: one.currency,
        destination: account(one.who),
        ...(charge === undefined ? {} : { source_transaction: charge.id }),
      });
      world.transfers.push(transfer);
      return true;
    }
    case "dispute": {
      const as = one.how === "direct" ? { stripeAccount: account(one.who) } : undefined;
      const { amount, currency, card } = one;
      const more = one.how === "destination" ? { transfer_data: { destination: account(one.who) } } : {};
      const intent = await stripe.paymentIntents.create({ amount, currency, payment_method: card, confirm: true, ...more }, as);
      came("test", currency, amount);
      world.charges.push({ id: intent.latest_charge as string, as, amount });
      const [dispute] = (await stripe.disputes.list({ payment_intent: intent.id }, as)).data as [Stripe.Dispute];
      expect(dispute.amount).toBe(amount);
      if (one.answer === null) await stripe.disputes.close(dispute.id, {}, as);
      else await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: one.answer } }, as);
      await server.clock.advance({ seconds: 60 });
      return true;
    }
    case "reverse": {
      const all = (await stripe.transfers.list({ limit: 100 })).data;
      const transfer = all[one.pick % Math.max(1, all.length)];
      if (transfer === undefined) return false;
      const amount = Math.ceil((transfer.amount * one.part) / 4);
      await stripe.transfers.createReversal(transfer.id, { amount, ...(one.feeBack ? { refund_application_fee: true } : {}) });
      return true;
    }
    case "giveFeeBack": {
      const all = (await stripe.applicationFees.list({ limit: 100 })).data;
      const fee = all[one.pick % Math.max(1, all.length)];
      if (fee === undefined) return false;
      await stripe.applicationFees.createRefund(fee.id, { amount: Math.ceil((fee.amount * one.part) / 4) });
      return true;
    }
  }
}

/** What a party sees of its money. */
interface Seen {
  mode: "test" | "live";
  balance: Stripe.Balance;
  transactions: Stripe.BalanceTransaction[];
  disputes: Stripe.Dispute[];
  /** The newest event. */
  lastEvent: string | undefined;
}

async function look({ parties, platform }: World): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const { stripe, as } of parties)
    seen.push({
      mode: stripe === platform.live ? "live" : "test",
      balance: await stripe.balance.retrieve({}, as),
      transactions: (await stripe.balanceTransactions.list({ limit: 100 }, as)).data,
      disputes: (await stripe.disputes.list({ limit: 100 }, as)).data,
      lastEvent: (await stripe.events.list({ limit: 1 }, as)).data[0]?.id,
    });
  return seen;
}

function check({ inside }: World, seen: readonly Seen[]): void {
  const found: Record<string, number> = {};
  for (const { mode, balance, transactions, disputes } of seen) {
    expect(transactions.length).toBeLessThan(100);
    const { available, pending } = balance;
    for (const currency of ["usd", "eur"]) {
      const ofCurrency = transactions.filter((one) => one.currency === currency);
      const net = (status: string) => ofCurrency.filter((one) => one.status === status).reduce((total, one) => total + one.net, 0);
      const amountOf = (rows: Stripe.Balance.Available[]) => rows.find((row) => row.currency === currency)?.amount ?? 0;
      expect([amountOf(available), amountOf(pending)]).toEqual([net("available"), net("pending")]);
      for (const one of ofCurrency) {
        expect(one.net).toBe(one.amount - one.fee);
        expect(one.fee).toBe(one.fee_details.reduce((total, { amount }) => total + amount, 0));
      }
      const leftToStripe = ofCurrency.reduce((total, one) => {
        const fees = one.fee_details.filter(({ type }) => type === "stripe_fee").reduce((sum, { amount }) => sum + amount, 0);
        return total + fees - (one.type === "stripe_fee" ? one.amount : 0);
      }, 0);
      // A live top-up arrives automatically; money that is paid out is gone.
      const byItself = ofCurrency
        .filter(({ type }) => type.startsWith("payout") || (mode === "live" && type === "topup"))
        .reduce((total, { amount }) => total + amount, 0);
      // Holders of cards have what they dispute, unless that is decided against them or they only ask.
      const heldByOthers = disputes
        .filter((one) => one.currency === currency && ["needs_response", "under_review", "lost"].includes(one.status))
        .reduce((total, { amount }) => total + amount, 0);
      const key = `${mode} ${currency}`;
      found[key] = (found[key] ?? 0) + net("available") + net("pending") + leftToStripe + heldByOthers - byItself;
    }
  }
  for (const [key, amount] of Object.entries(found)) expect([key, amount]).toEqual([key, inside[key] ?? 0]);
}

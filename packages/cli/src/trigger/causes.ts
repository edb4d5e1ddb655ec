import type { EventType } from "@carabiner/protocol";
import type { ApiClient } from "../api/api-client.ts";
import { type Cause, declined, payee } from "./cause.ts";
import { CAUSES_OF_PAYMENTS } from "./causes-of-payments.ts";
import { CAUSES_OF_PEOPLE } from "./causes-of-people.ts";
import { CAUSES_OF_SALES } from "./causes-of-sales.ts";
import { bankAccount, type Stage } from "./stage.ts";

interface Identified {
  id: string;
}

const UPDATED = { metadata: { triggered: "yes" } };
const PAYMENT = { amount: 2_000, currency: "usd", payment_method_types: ["card"] } as const;
/** A PNG of one pixel. */
const TINY_IMAGE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const CHARGE = { amount: 2_000, currency: "usd", source: "tok_visa" } as const;

async function anotherBankAccount(stage: Stage): Promise<string> {
  const account = await stage.account();
  const { id } = await stage.platform.post<Identified>(`/v1/accounts/${account}/external_accounts`, { external_account: bankAccount() });
  return `/v1/accounts/${account}/external_accounts/${id}`;
}

async function payout(stage: Stage, changed = false): Promise<{ client: ApiClient; path: string; helper: string }> {
  const client = stage.on(await stage.account());
  await stage.pay(client);
  const parameters = { amount: 2_000, currency: "usd" };
  const { id } = changed ? await client.post<Identified>("/v1/payouts", parameters) : await stage.cause(client, "/v1/payouts", parameters);
  return { client, path: `/v1/payouts/${id}`, helper: `/v1/test_helpers/payouts/${id}` };
}

/** Makes a charge with an application fee; returns the fee's path. */
async function applicationFee(stage: Stage, cause: boolean): Promise<string> {
  const client = stage.on(await stage.account());
  const parameters = { amount: 2_000, currency: "usd", source: "tok_bypassPending", application_fee_amount: 200 };
  const { application_fee: fee } = cause
    ? await stage.cause<{ application_fee: string }>(client, "/v1/charges", parameters)
    : await client.post<{ application_fee: string }>("/v1/charges", parameters);
  return `/v1/application_fees/${fee}`;
}

async function transfer(stage: Stage, cause: boolean): Promise<string> {
  const destination = await stage.account();
  // Disputes and refunds may have made the platform's balance negative.
  await stage.pay(stage.platform, { amount: 1_000_000 });
  const parameters = { amount: 2_000, currency: "usd", destination };
  const { id } = cause
    ? await stage.cause(stage.platform, "/v1/transfers", parameters)
    : await stage.platform.post<Identified>("/v1/transfers", parameters);
  return `/v1/transfers/${id}`;
}

async function refundOf(stage: Stage, cause: boolean): Promise<string> {
  const client = payee(stage);
  const { charge } = await stage.pay(client);
  const { id } = cause ? await stage.cause(client, "/v1/refunds", { charge }) : await client.post<Identified>("/v1/refunds", { charge });
  return `/v1/refunds/${id}`;
}

async function customer(stage: Stage): Promise<string> {
  const { id } = await payee(stage).post<Identified>("/v1/customers", { email: "jenny@example.com" });
  return `/v1/customers/${id}`;
}

/** The causes that are available through the server's API, by event type. Events of every other type are published. */
export const CAUSES: Readonly<Partial<Record<EventType, Cause>>> = {
  ...CAUSES_OF_PAYMENTS,
  ...CAUSES_OF_PEOPLE,
  ...CAUSES_OF_SALES,
  "account.application.authorized": {
    what: "an account was made, which connects it",
    run: (stage) => stage.cause(stage.platform, "/v1/accounts", { type: "custom", country: "US" }),
  },
  "account.application.deauthorized": {
    what: "its user disconnected the account",
    async run(stage) {
      const account = stage.named ?? (await stage.newAccount("standard"));
      await stage.cause(stage.platform, `/v1/test_helpers/accounts/${account}/deauthorize`);
    },
  },
  "account.external_account.created": {
    what: "a bank account was added",
    async run(stage) {
      const account = stage.named ?? (await stage.newAccount("custom"));
      await stage.cause(stage.platform, `/v1/accounts/${account}/external_accounts`, { external_account: bankAccount() });
    },
  },
  "account.external_account.deleted": {
    what: "a second bank account was added and deleted",
    async run(stage) {
      await stage.platform.delete(await anotherBankAccount(stage));
    },
  },
  "account.external_account.updated": {
    what: "a bank account was changed",
    async run(stage) {
      await stage.cause(stage.platform, await anotherBankAccount(stage), UPDATED);
    },
  },
  "account.updated": {
    what: "an account was changed",
    async run(stage) {
      await stage.cause(stage.platform, `/v1/accounts/${stage.named ?? (await stage.newAccount("custom"))}`, UPDATED);
    },
  },
  "application_fee.created": { what: "an account was paid, with a fee for the platform", run: (stage) => applicationFee(stage, true) },
  "application_fee.refund.updated": {
    what: "the refund of an application fee was changed",
    async run(stage) {
      const fee = await applicationFee(stage, false);
      const { id } = await stage.platform.post<Identified>(`${fee}/refunds`);
      await stage.cause(stage.platform, `${fee}/refunds/${id}`, UPDATED);
    },
  },
  "application_fee.refunded": {
    what: "an application fee was refunded",
    async run(stage) {
      await stage.cause(stage.platform, `${await applicationFee(stage, false)}/refunds`);
    },
  },
  "balance.available": {
    what: "an account was paid",
    later: "7d",
    run: (stage) => stage.cause(payee(stage), "/v1/charges", CHARGE),
  },
  "balance_settings.updated": {
    what: "an account's payouts got another statement descriptor",
    async run(stage) {
      const client = stage.on(await stage.account());
      await stage.cause(client, "/v1/balance_settings", { payments: { payouts: { statement_descriptor: "ROPES" } } });
    },
  },
  "capability.updated": {
    what: "a capability was asked for",
    async run(stage) {
      const account = stage.named ?? (await stage.newAccount("custom"));
      await stage.cause(stage.platform, `/v1/accounts/${account}/capabilities/card_payments`, { requested: true });
    },
  },
  "charge.captured": {
    what: "a charge was authorized and captured",
    async run(stage) {
      const { id } = await payee(stage).post<Identified>("/v1/charges", { ...CHARGE, capture: false });
      await stage.cause(payee(stage), `/v1/charges/${id}/capture`);
    },
  },
  "charge.failed": {
    what: "a card was declined",
    run: (stage) => declined(stage.cause(payee(stage), "/v1/charges", { ...CHARGE, source: "tok_chargeDeclined" })),
  },
  "charge.refund.updated": {
    what: "a refund was changed",
    run: async (stage) => stage.cause(payee(stage), await refundOf(stage, false), UPDATED),
  },
  "charge.refunded": { what: "a charge was refunded", run: (stage) => refundOf(stage, true) },
  "charge.succeeded": { what: "a card was charged", run: (stage) => stage.cause(payee(stage), "/v1/charges", CHARGE) },
  "charge.updated": {
    what: "a charge was changed",
    async run(stage) {
      const { id } = await payee(stage).post<Identified>("/v1/charges", CHARGE);
      await stage.cause(payee(stage), `/v1/charges/${id}`, UPDATED);
    },
  },
  "customer.created": {
    what: "a customer was made",
    run: (stage) => stage.cause(payee(stage), "/v1/customers", { email: "jenny@example.com" }),
  },
  "customer.deleted": { what: "a customer was deleted", run: async (stage) => payee(stage).delete(await customer(stage)) },
  "customer.updated": {
    what: "a customer was changed",
    run: async (stage) => stage.cause(payee(stage), await customer(stage), UPDATED),
  },
  "file.created": {
    what: "a file was uploaded",
    async run({ platform }) {
      const form = new FormData();
      form.set("purpose", "dispute_evidence");
      form.set("file", new Blob([TINY_IMAGE], { type: "image/png" }), "sample.png");
      await platform.upload("/v1/files", form);
    },
  },
  "payment_intent.amount_capturable_updated": {
    what: "a payment was authorized, to be captured later",
    run: (stage) =>
      stage.cause(payee(stage), "/v1/payment_intents", {
        ...PAYMENT,
        capture_method: "manual",
        confirm: true,
        payment_method: "pm_card_visa",
      }),
  },
  "payment_intent.canceled": {
    what: "a payment was cancelled",
    async run(stage) {
      const { id } = await payee(stage).post<Identified>("/v1/payment_intents", PAYMENT);
      await stage.cause(payee(stage), `/v1/payment_intents/${id}/cancel`);
    },
  },
  "payment_intent.created": { what: "a payment was begun", run: (stage) => stage.cause(payee(stage), "/v1/payment_intents", PAYMENT) },
  "payment_intent.payment_failed": {
    what: "a payment's card was declined",
    run: (stage) =>
      declined(stage.cause(payee(stage), "/v1/payment_intents", { ...PAYMENT, confirm: true, payment_method: "pm_card_chargeDeclined" })),
  },
  "payment_intent.requires_action": {
    what: "a payment's card asked for 3D Secure",
    run: (stage) =>
      stage.cause(payee(stage), "/v1/payment_intents", { ...PAYMENT, confirm: true, payment_method: "pm_card_authenticationRequired" }),
  },
  "payment_intent.succeeded": {
    what: "a payment was made",
    run: (stage) => stage.cause(payee(stage), "/v1/payment_intents", { ...PAYMENT, confirm: true, payment_method: "pm_card_visa" }),
  },
  "payout.canceled": {
    what: "a payout was cancelled",
    async run(stage) {
      const { client, path } = await payout(stage, true);
      await stage.cause(client, `${path}/cancel`);
    },
  },
  "payout.created": { what: "an account was paid out to", run: (stage) => payout(stage) },
  "payout.failed": {
    what: "the bank sent a payout back",
    async run(stage) {
      const { client, helper } = await payout(stage, true);
      await stage.cause(client, `${helper}/fail`);
    },
  },
  "payout.paid": {
    what: "a payout arrived",
    async run(stage) {
      const { client, helper } = await payout(stage, true);
      await stage.cause(client, `${helper}/pay`);
    },
  },
  "payout.reconciliation_completed": {
    what: "an account was paid that is paid out to every day",
    later: "10d",
    async run(stage) {
      const account = await stage.account();
      await stage.platform.post(`/v1/accounts/${account}`, { settings: { payouts: { schedule: { interval: "daily" } } } });
      await stage.pay(stage.on(account));
    },
  },
  "payout.updated": {
    what: "a payout was changed",
    async run(stage) {
      const { client, path } = await payout(stage, true);
      await stage.cause(client, path, UPDATED);
    },
  },
  "refund.created": { what: "a charge was refunded", run: (stage) => refundOf(stage, true) },
  "refund.updated": {
    what: "a refund was changed",
    run: async (stage) => stage.cause(payee(stage), await refundOf(stage, false), UPDATED),
  },
  "transfer.created": { what: "money was transferred to an account", run: (stage) => transfer(stage, true) },
  "transfer.reversed": {
    what: "a transfer was reversed",
    async run(stage) {
      await stage.cause(stage.platform, `${await transfer(stage, false)}/reversals`);
    },
  },
  "transfer.updated": {
    what: "a transfer was changed",
    run: async (stage) => stage.cause(stage.platform, await transfer(stage, false), UPDATED),
  },
};

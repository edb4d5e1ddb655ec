import type { EventType } from "@carabiner/protocol";
import type { ApiClient, List } from "../api/api-client.ts";
import { type Cause, declined, payee } from "./cause.ts";
import type { Stage } from "./stage.ts";

interface Identified {
  id: string;
}

const UPDATED = { metadata: { triggered: "yes" } };

/** Makes a customer of the payee; returns the path. */
async function customer(client: ApiClient): Promise<string> {
  return `/v1/customers/${(await client.post<Identified>("/v1/customers", { email: "jenny@example.com" })).id}`;
}

async function source(stage: Stage): Promise<string> {
  const path = await customer(payee(stage));
  const { id } = await payee(stage).post<Identified>(`${path}/sources`, { source: "tok_visa" });
  return `${path}/sources/${id}`;
}

/** Makes a card attached to a customer; returns the path. */
async function paymentMethod(stage: Stage): Promise<string> {
  const client = payee(stage);
  const { id } = await client.post<Identified>("/v1/customers", { email: "jenny@example.com" });
  const attached = await client.post<Identified>("/v1/payment_methods/pm_card_visa/attach", { customer: id });
  return `/v1/payment_methods/${attached.id}`;
}

/** Makes a charge that is disputed; returns the dispute's path. */
async function dispute(stage: Stage, cause: boolean): Promise<string> {
  const client = payee(stage);
  const parameters = { amount: 2_000, currency: "usd", source: "tok_createDispute" };
  const { id: charge } = cause
    ? await stage.cause(client, "/v1/charges", parameters)
    : await client.post<Identified>("/v1/charges", parameters);
  const [made] = (await client.get<List<Identified>>("/v1/disputes", { charge, limit: 1 })).data;
  return `/v1/disputes/${made?.id ?? ""}`;
}

const setup = (card: string) => ({ confirm: true, payment_method: card, payment_method_types: ["card"], usage: "off_session" });

/** The causes of events of disputes, saved cards, setups and top-ups. */
export const CAUSES_OF_PAYMENTS: Readonly<Partial<Record<EventType, Cause>>> = {
  "charge.dispute.closed": {
    what: "a dispute was given up",
    run: async (stage) => stage.cause(payee(stage), `${await dispute(stage, false)}/close`),
  },
  "charge.dispute.created": { what: "a card's holder disputed a charge", run: (stage) => dispute(stage, true) },
  "charge.dispute.funds_reinstated": {
    what: "evidence was submitted that wins a dispute",
    later: "1m",
    run: async (stage) =>
      stage.cause(payee(stage), await dispute(stage, false), { evidence: { uncategorized_text: "winning_evidence" }, submit: true }),
  },
  "charge.dispute.funds_withdrawn": { what: "a card's holder disputed a charge", run: (stage) => dispute(stage, true) },
  "charge.dispute.updated": {
    what: "a dispute was changed",
    run: async (stage) => stage.cause(payee(stage), await dispute(stage, false), UPDATED),
  },
  "customer.source.created": {
    what: "a customer's card was saved",
    run: async (stage) => stage.cause(payee(stage), `${await customer(payee(stage))}/sources`, { source: "tok_visa" }),
  },
  "customer.source.deleted": { what: "a customer's card was deleted", run: async (stage) => payee(stage).delete(await source(stage)) },
  "customer.source.updated": {
    what: "a customer's card was changed",
    run: async (stage) => stage.cause(payee(stage), await source(stage), { exp_year: 2040 }),
  },
  "payment_method.attached": {
    what: "a card was attached to a customer",
    async run(stage) {
      const { id } = await payee(stage).post<Identified>("/v1/customers", { email: "jenny@example.com" });
      await stage.cause(payee(stage), "/v1/payment_methods/pm_card_visa/attach", { customer: id });
    },
  },
  "payment_method.detached": {
    what: "a card was detached from its customer",
    run: async (stage) => stage.cause(payee(stage), `${await paymentMethod(stage)}/detach`),
  },
  "payment_method.updated": {
    what: "a card was changed",
    run: async (stage) => stage.cause(payee(stage), await paymentMethod(stage), UPDATED),
  },
  "setup_intent.canceled": {
    what: "a setup was cancelled",
    async run(stage) {
      const { id } = await payee(stage).post<Identified>("/v1/setup_intents", { payment_method_types: ["card"] });
      await stage.cause(payee(stage), `/v1/setup_intents/${id}/cancel`);
    },
  },
  "setup_intent.created": {
    what: "a setup was begun",
    run: (stage) => stage.cause(payee(stage), "/v1/setup_intents", { payment_method_types: ["card"] }),
  },
  "setup_intent.requires_action": {
    what: "a setup's card asked for 3D Secure",
    run: (stage) => stage.cause(payee(stage), "/v1/setup_intents", setup("pm_card_authenticationRequired")),
  },
  "setup_intent.setup_failed": {
    what: "a setup's card was declined",
    run: (stage) => declined(stage.cause(payee(stage), "/v1/setup_intents", setup("pm_card_chargeDeclined"))),
  },
  "setup_intent.succeeded": {
    what: "a card was set up",
    run: (stage) => stage.cause(payee(stage), "/v1/setup_intents", setup("pm_card_visa")),
  },
  "topup.canceled": {
    what: "a top-up was cancelled",
    async run(stage) {
      const { id } = await stage.platform.post<Identified>("/v1/topups", { amount: 2_000, currency: "usd" });
      await stage.cause(stage.platform, `/v1/topups/${id}/cancel`);
    },
  },
  "topup.created": {
    what: "the platform's balance was topped up",
    run: (stage) => stage.cause(stage.platform, "/v1/topups", { amount: 2_000, currency: "usd" }),
  },
  "topup.failed": {
    what: "the bank refused a top-up",
    later: "7d",
    run: (stage) => stage.cause(stage.platform, "/v1/topups", { amount: 2_000, currency: "usd", source: "btok_us_verified_noAccount" }),
  },
  "topup.succeeded": {
    what: "the platform's balance was topped up",
    later: "7d",
    run: (stage) => stage.cause(stage.platform, "/v1/topups", { amount: 2_000, currency: "usd" }),
  },
};

import { type ApiClient, createApiClient, type Parameters } from "../api/api-client.ts";
import type { FormValue } from "../api/encode-form.ts";
import { type Override, withOverrides } from "./overrides.ts";

interface Identified {
  id: string;
}

/** What the causes of events use: a platform's accounts and money, created on demand. */
export interface Stage {
  /** The platform itself. */
  platform: ApiClient;
  /** The named account, or otherwise a new account that can charge and receive payouts. */
  account(): Promise<string>;
  /** The named account; null when no account is named. */
  named: string | null;
  /** Makes a new account of a type, without any details. */
  newAccount(type: "custom" | "express" | "standard"): Promise<string>;
  /** Calls on behalf of an account. */
  on(account: string): ApiClient;
  /** The call that causes the event, with the parameters that `--set` changes. */
  cause<Answer = Identified>(client: ApiClient, path: string, parameters?: Parameters): Promise<Answer>;
  /** Pays the account; the money is available at once. Returns the charge. */
  pay(client: ApiClient, more?: Parameters): Promise<{ intent: string; charge: string }>;
}

const BANK_ACCOUNT = {
  object: "bank_account",
  country: "US",
  currency: "usd",
  routing_number: "110000000",
  account_number: "000123456789",
} as const;

/** A bank account in the United States whose payouts succeed. */
export const bankAccount = (): Record<string, FormValue> => ({ ...BANK_ACCOUNT });

/** A stage on a server; `named` is the account to use, if any. */
export function createStage(platform: ApiClient, named: string | null, overrides: readonly Override[]): Stage {
  let made: Promise<string> | null = null;
  const on = (account: string): ApiClient => createApiClient({ ...platform.target, account });
  return {
    platform,
    named,
    on,
    account() {
      if (named !== null) return Promise.resolve(named);
      made ??= completeAccount(platform);
      return made;
    },
    async newAccount(type) {
      return (await platform.post<Identified>("/v1/accounts", { type, country: "US" })).id;
    },
    cause: (client, path, parameters = {}) => client.post(path, withOverrides(parameters, overrides) as Parameters),
    async pay(client, more = {}) {
      const { id, latest_charge } = await client.post<{ id: string; latest_charge: string }>("/v1/payment_intents", {
        amount: 10_000,
        currency: "usd",
        confirm: true,
        payment_method: "pm_card_bypassPending",
        payment_method_types: ["card"],
        ...more,
      });
      return { intent: id, charge: latest_charge };
    },
  };
}

async function completeAccount(platform: ApiClient): Promise<string> {
  const { id } = await platform.post<Identified>("/v1/accounts", {
    type: "custom",
    country: "US",
    business_type: "individual",
    capabilities: { card_payments: { requested: true }, transfers: { requested: true } },
    external_account: bankAccount(),
    settings: { payouts: { schedule: { interval: "manual" } } },
  });
  await platform.post(`/v1/test_helpers/accounts/${id}/complete_onboarding`);
  return id;
}

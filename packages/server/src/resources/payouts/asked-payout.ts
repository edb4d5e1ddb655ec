import { apiError } from "@carabiner/protocol";
import type { Limits } from "../../limits.ts";
import type { OperationContext } from "../../operations/operation.ts";
import { mergeMetadata } from "../../operations/parameters.ts";
import { type BalanceState, fundsOf, instantlyAvailable, readBalance, SOURCE_TYPES, type SourceType } from "../balance/balance-state.ts";
import { amountShown } from "../balance/currency.ts";
import type { AccountState } from "../connected-account/state/account-state.ts";
import { type AccountWorld, externalAccountsIn, readAccountWorld } from "../connected-account/state/account-world.ts";
import { isControlled } from "../connected-account/state/controller-properties.ts";
import { defaultExternalAccount } from "../connected-account/state/default-external-account.ts";
import type { ExternalAccount } from "../connected-account/state/external-account-state.ts";
import type { NewPayout } from "./make-payout.ts";
import { payoutBlock } from "./payout-block.ts";
import type { PayoutMethod } from "./payout-timing.ts";

/** The parameters of a payout. */
export interface PayoutAsked {
  amount: number;
  currency: string;
  description?: string;
  destination?: string;
  metadata?: Record<string, string | null> | null;
  method?: PayoutMethod;
  payout_method?: string;
  source_type?: SourceType;
  statement_descriptor?: string;
}

/**
 * Currencies with instant payouts: those of the countries whose debit cards support them.
 * Source: https://docs.stripe.com/payouts/instant-payouts
 */
const INSTANT_CURRENCIES: ReadonlySet<string> = new Set([
  "aed",
  "aud",
  "cad",
  "czk",
  "dkk",
  "eur",
  "gbp",
  "huf",
  "myr",
  "nok",
  "nzd",
  "pln",
  "ron",
  "sek",
  "sgd",
  "usd",
]);

/**
 * Validates a requested payout. Throws an error of the table for a standard account that the platform may not pay out,
 * a destination that does not exist or accepts no payouts, an unsupported method, and a balance that does not cover the
 * amount.
 * Source: https://docs.stripe.com/api/payouts/create
 */
export async function askedPayout(context: OperationContext, asked: PayoutAsked): Promise<NewPayout> {
  const { tx, account, livemode, now, limits } = context;
  const world = await readAccountWorld(tx, account, limits);
  refuseForStandardAccount(context, world.state);
  if (asked.payout_method !== undefined)
    throw apiError("resource_missing", { object: "financial account", id: asked.payout_method, param: "payout_method" });
  const currency = asked.currency.toLowerCase();
  const destination = destinationAsked(world, { livemode, currency, destination: asked.destination });
  refuseBlocked(world.state, destination, asked.destination !== undefined);
  const method = asked.method ?? "standard";
  if (method === "instant") refuseWithoutInstant(destination, asked.amount, limits);
  const balance = await readBalance(tx, account.id, livemode, now);
  const sourceType = asked.source_type ?? sourceTypeOf(balance, currency);
  const available = method === "instant" ? instantlyAvailable(balance, currency) : fundsOf(balance, currency, sourceType).available;
  if (available < asked.amount)
    throw apiError("balance_insufficient_for_payout", {
      balance: method === "instant" ? "instantly available" : sourceType.replace("_", " "),
      param: "amount",
    });
  return {
    amount: asked.amount,
    automatic: false,
    currency,
    description: asked.description ?? null,
    destination,
    metadata: mergeMetadata({}, asked.metadata),
    method,
    originalPayout: null,
    sourceType,
    statementDescriptor: asked.statement_descriptor ?? null,
  };
}

/**
 * Stops a platform from making payouts for an account it does not control. Throws `not_allowed_on_standard_account`.
 * Source: https://docs.stripe.com/error-codes#not-allowed-on-standard-account
 */
export function refuseForStandardAccount({ caller, account }: OperationContext, { type }: AccountState): void {
  if (caller.id !== account.id && !isControlled(type)) throw apiError("not_allowed_on_standard_account");
}

/** Throws `payouts_not_allowed` when something blocks the payout. `named`: the call names the destination. */
export function refuseBlocked(state: AccountState, destination: ExternalAccount, named: boolean): void {
  const block = payoutBlock(state, destination, named);
  if (block === null) return;
  const reason =
    block === "account"
      ? "payouts are disabled for this account; its requirements say why"
      : `'${destination.row.id}' takes none (its status is '${destination.state.status}'); update it, or use another one`;
  throw apiError("payouts_not_allowed", { reason, ...(block === "destination" ? { param: "destination" } : {}) });
}

function destinationAsked(
  world: AccountWorld,
  { livemode, currency, destination: id }: { livemode: boolean; currency: string; destination: string | undefined },
): ExternalAccount {
  if (id === undefined) {
    const standing = defaultExternalAccount(world, livemode, currency);
    if (standing === undefined) throw apiError("payout_destination_missing", { currency, param: "destination" });
    return standing;
  }
  const named = externalAccountsIn(world, livemode).find(({ row }) => row.id === id);
  if (named === undefined) throw apiError("resource_missing", { object: "external account", id, param: "destination" });
  if (named.state.currency !== currency)
    throw apiError("payout_currency_mismatch", { id, theirs: named.state.currency, currency, param: "currency" });
  return named;
}

function refuseWithoutInstant(destination: ExternalAccount, amount: number, { instantPayoutUsdCents: max }: Limits): void {
  const { row, state } = destination;
  if (!INSTANT_CURRENCIES.has(state.currency))
    throw apiError("instant_payouts_currency_disabled", { currency: state.currency, param: "method" });
  if (!takesInstantPayouts(destination)) throw apiError("instant_payouts_unsupported", { id: row.id, param: "method" });
  if (state.kind === "bank_account" && state.currency === "usd" && amount > max)
    throw apiError("instant_payouts_limit_exceeded", { max: amountShown(max, state.currency), param: "amount" });
}

/** Whether a bank account or card supports instant payouts. */
export function takesInstantPayouts({ state }: ExternalAccount): boolean {
  const methods = state.shown.available_payout_methods;
  return INSTANT_CURRENCIES.has(state.currency) && Array.isArray(methods) && methods.includes("instant");
}

/** The default source of a payout: the only kind of source with funds, otherwise card payments. */
function sourceTypeOf(balance: BalanceState, currency: string): SourceType {
  const filled = SOURCE_TYPES.filter((sourceType) => fundsOf(balance, currency, sourceType).available > 0);
  return filled.length === 1 && filled[0] !== undefined ? filled[0] : "card";
}

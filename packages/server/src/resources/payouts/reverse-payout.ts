import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "../../operations/operation.ts";
import { externalAccountsIn, readAccountWorld } from "../connected-account/state/account-world.ts";
import { DAY_MS } from "../connected-account/state/utc-day.ts";
import { refuseBlocked, refuseForStandardAccount } from "./asked-payout.ts";
import { makePayout } from "./make-payout.ts";
import { keepPayout } from "./move-payout.ts";
import type { Payout } from "./payout-state.ts";

/** Countries whose banks allow reversals, and for how many days after arrival. */
const REVERSIBLE_COUNTRIES: readonly string[] = ["US", "CA"];
const REVERSIBLE_DAYS = 90;

/**
 * Reverses a payout by debiting its bank account. Makes a second payout of the opposite amount, and records
 * `payout.created` for it and `payout.updated` for the first. Throws `payout_reversal_refused` for a payout that cannot
 * be reversed.
 * Source: https://docs.stripe.com/api/payouts/reverse and https://docs.stripe.com/connect/payout-reversals
 */
export async function reversePayout(context: OperationContext, original: Payout, metadata: Record<string, string>): Promise<Payout> {
  const { tx, account, livemode, now, limits } = context;
  const { row, state } = original;
  const world = await readAccountWorld(tx, account, limits);
  refuseForStandardAccount(context, world.state);
  const { connections } = await tx.subscribers(account.id);
  const reason = connections.length === 0 ? "only payouts of connected accounts can be" : notReversible(original, now);
  if (reason !== null) throw apiError("payout_reversal_refused", { reason });
  const destination = externalAccountsIn(world, livemode).find((one) => one.row.id === state.destination);
  if (destination === undefined) throw apiError("payout_reversal_refused", { reason: "its bank account has been deleted" });
  refuseBlocked(world.state, destination, true);
  const reversal = await makePayout(context, account, {
    amount: -state.amount,
    automatic: false,
    currency: state.currency,
    description: null,
    destination,
    metadata,
    method: "standard",
    originalPayout: row.id,
    sourceType: state.sourceType,
    statementDescriptor: null,
  });
  await keepPayout(context, account, original, { ...state, reversedBy: reversal.row.id }, "payout.updated");
  return reversal;
}

/** Why a payout cannot be reversed; null when it can. `now` is in Unix milliseconds. */
export function notReversible({ state }: Pick<Payout, "state">, now: number): string | null {
  if (state.reversedBy !== null) return `it has been reversed already, by ${state.reversedBy}`;
  if (state.amount < 0) return "it took money from the bank account";
  if (state.method === "instant") return "it was an instant payout";
  if (state.type !== "bank_account" || !REVERSIBLE_COUNTRIES.includes(state.country))
    return "only payouts to bank accounts in the United States and Canada can be";
  if (state.status === "failed" || state.status === "canceled") return `it is ${state.status}`;
  if (state.status === "pending" && !state.automatic) return "it is still pending; cancel it";
  if (now - state.arrivalDate >= REVERSIBLE_DAYS * DAY_MS) return `it arrived ${REVERSIBLE_DAYS} days ago or more`;
  return null;
}

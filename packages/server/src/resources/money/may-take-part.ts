import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "../../operations/operation.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import { connectedAccount } from "../access/accessible-account.ts";
import { type AccountState, readAccountState } from "../connected-account/state/account-state.ts";
import type { CapabilityName } from "../connected-account/state/capabilities.ts";
import { isControlled } from "../connected-account/state/controller-properties.ts";

/**
 * Throws `charges_not_enabled` unless an account can charge cards: in live mode when its charges are enabled, in test
 * mode as soon as it has asked for the capability, which one with the full Dashboard always has.
 * Source: https://docs.stripe.com/connect/account-capabilities
 */
export function checkMayCharge({ livemode }: Pick<OperationContext, "livemode">, account: AccountRow): void {
  const state = readAccountState(account.data);
  if (state.exempt ? state.rejection === null : livemode ? state.derived.chargesEnabled : hasAsked(state, "card_payments")) return;
  throw apiError("charges_not_enabled", {
    account: account.id,
    mode: livemode ? "live" : "test",
    needs: livemode ? "to be active" : "to be requested",
  });
}

/** Throws `transfers_capability_missing` unless an account can be sent money, by the same rule. */
export function checkMayReceive({ livemode }: Pick<OperationContext, "livemode">, account: AccountRow, param: string): void {
  const state = readAccountState(account.data);
  const { transfers, legacy_payments } = state.derived.capabilities;
  const able = livemode ? transfers?.status === "active" || legacy_payments?.status === "active" : hasAsked(state, "transfers");
  if (!(state.exempt || able)) throw apiError("transfers_capability_missing", { param });
}

function hasAsked({ controller, derived, rejection }: AccountState, capability: CapabilityName): boolean {
  return rejection === null && (controller.dashboard === "full" || derived.capabilities[capability]?.requested === true);
}

/** The account a parameter names: another, connected to the one the call is for. Throws `resource_missing` or `transfer_to_self`. */
export async function connectedAccountNamed(context: OperationContext, id: string, param: string): Promise<AccountRow> {
  if (id === context.account.id) throw apiError("transfer_to_self", { param });
  const row = await connectedAccount(context, id);
  if (row === null) throw apiError("resource_missing", { object: "destination", id, param });
  return row;
}

/**
 * The account a transfer goes to: one connected to the one the call is for, or, where a platform acts for an account that
 * it controls, the platform itself, which so debits the account. Throws what `connectedAccountNamed` throws.
 * Source: https://docs.stripe.com/connect/account-debits
 */
export async function transferDestination(context: OperationContext, id: string, param: string): Promise<AccountRow> {
  const { account, caller } = context;
  const debits = account.id !== caller.id && id === caller.id && isControlled(readAccountState(account.data).type);
  return debits ? caller : connectedAccountNamed(context, id, param);
}

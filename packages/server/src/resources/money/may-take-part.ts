import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "../../operations/operation.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import { connectedAccount } from "../access/accessible-account.ts";
import { type AccountState, readAccountState } from "../connected-account/state/account-state.ts";
import type { CapabilityName } from "../connected-account/state/capabilities.ts";
import { isControlled } from "../connected-account/state/controller-properties.ts";

/**
 * Throws `charges_not_enabled` unless an account can charge cards. In live mode its charges must be enabled. In test
 * mode it is enough that it has requested the capability, which accounts with the full Dashboard always have.
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

/** Throws `transfers_capability_missing` unless an account can receive transfers, by the same rule. */
export function checkMayReceive({ livemode }: Pick<OperationContext, "livemode">, account: AccountRow, param: string): void {
  const state = readAccountState(account.data);
  const { transfers, legacy_payments } = state.derived.capabilities;
  const able = livemode ? transfers?.status === "active" || legacy_payments?.status === "active" : hasAsked(state, "transfers");
  if (!(state.exempt || able)) throw apiError("transfers_capability_missing", { param });
}

function hasAsked({ controller, derived, rejection }: AccountState, capability: CapabilityName): boolean {
  return rejection === null && (controller.dashboard === "full" || derived.capabilities[capability]?.requested === true);
}

/**
 * The account a parameter names. It must be connected to the caller's account and differ from it. Throws
 * `resource_missing` or `transfer_to_self`.
 */
export async function connectedAccountNamed(context: OperationContext, id: string, param: string): Promise<AccountRow> {
  if (id === context.account.id) throw apiError("transfer_to_self", { param });
  const row = await connectedAccount(context, id);
  if (row === null) throw apiError("resource_missing", { object: "destination", id, param });
  return row;
}

/**
 * The destination of a transfer: an account connected to the caller's. A platform that acts for an account it controls
 * may also name itself, which debits the account. Throws what `connectedAccountNamed` throws.
 * Source: https://docs.stripe.com/connect/account-debits
 */
export async function transferDestination(context: OperationContext, id: string, param: string): Promise<AccountRow> {
  const { account, caller } = context;
  const debits = account.id !== caller.id && id === caller.id && isControlled(readAccountState(account.data).type);
  return debits ? caller : connectedAccountNamed(context, id, param);
}

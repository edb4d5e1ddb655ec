import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "../../operations/operation.ts";
import { ownedRow } from "../../operations/owned-row.ts";
import { isListener } from "../../store/contract/is-listener.ts";
import type { EndpointRow } from "../../store/contract/rows.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";

/**
 * The endpoint with an id, for its owner. `named` is the caller's name for it and its kind, for messages. Throws
 * `resource_missing`.
 */
export async function ownEndpoint(context: OperationContext, id: string, named: { id: string; object: string }): Promise<EndpointRow> {
  const row = visibleEndpoint(await context.tx.endpoint(id), context);
  return ownedRow(row?.deleted === true ? null : row, context, named.object, named.id);
}

/** The platform that creates an endpoint while acting for the account, or null when the account itself calls. */
export function makerOf({ caller, account }: Pick<OperationContext, "caller" | "account">): string | null {
  return account.id === caller.id ? null : caller.id;
}

/** An endpoint visible to the call. A platform acting for an account sees only the endpoints it created there. */
export function visibleEndpoint(row: EndpointRow | null, context: Pick<OperationContext, "caller" | "account">): EndpointRow | null {
  const maker = makerOf(context);
  if (row !== null && isListener(row.id)) return null;
  return row === null || maker === null || row.madeBy === maker ? row : null;
}

/** Accounts without the full Dashboard have no endpoints: the platform's Connect endpoints receive their events. */
export function refuseWithoutDashboard({ caller, account }: OperationContext): void {
  if (account.id !== caller.id && readAccountState(account.data).controller.dashboard !== "full")
    throw apiError("endpoint_account_unsupported", { account: account.id });
}

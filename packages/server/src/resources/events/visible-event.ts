import { isEndpointEventType } from "@carabiner/protocol";
import type { OperationContext } from "../../operations/operation.ts";
import { ownedRow } from "../../operations/owned-row.ts";
import type { EventRow } from "../../store/contract/rows.ts";

/**
 * The event a path names, if the caller may see it: it happened on the account the call is for, in the key's mode, not
 * longer ago than events are kept, and is not another application's. Throws `resource_missing` otherwise.
 * Source: https://docs.stripe.com/api/events/retrieve
 */
export async function visibleEvent(
  context: Pick<OperationContext, "tx" | "now" | "livemode" | "caller" | "account" | "application" | "limits">,
  id: string,
): Promise<EventRow> {
  const row = await context.tx.event(id);
  const gone = row !== null && (row.created < context.now - context.limits.eventsKeptMs || isOthers(row, context));
  return ownedRow(gone ? null : row, context, "event", id);
}

/**
 * Whether an event is not for the caller: it concerns another application, or the endpoints of the account the caller acts
 * for. The account itself sees all that happens to it.
 */
export function isOthers(
  { applicationId, type }: EventRow,
  { caller, account, application }: Pick<OperationContext, "caller" | "account" | "application">,
): boolean {
  if (account.id === caller.id) return false;
  return (applicationId !== null && applicationId !== application?.id) || isEndpointEventType(type);
}

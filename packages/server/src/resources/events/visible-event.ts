import { isEndpointEventType, isThinName } from "@carabiner/protocol";
import { eventsKeptSince } from "../../operations/events-kept.ts";
import type { OperationContext } from "../../operations/operation.ts";
import { ownedRow } from "../../operations/owned-row.ts";
import type { EventRow } from "../../store/contract/rows.ts";

/**
 * The event a path names, if the caller may see it. It must have happened on the call's account in the key's mode and
 * within the retention period, and not belong to another application. Otherwise throws `resource_missing`.
 * Source: https://docs.stripe.com/api/events/retrieve
 */
export async function visibleEvent(
  context: Pick<OperationContext, "tx" | "now" | "livemode" | "caller" | "account" | "application" | "limits">,
  id: string,
): Promise<EventRow> {
  const row = await context.tx.event(id);
  const gone = row !== null && (row.created < (await eventsKeptSince(context)) || isOthers(row, context));
  return ownedRow(gone ? null : row, context, "event", id);
}

/** The same, for a call that handles only whole events: the v2 API shows thin ones. */
export async function visibleSnapshot(context: Parameters<typeof visibleEvent>[0], id: string): Promise<EventRow> {
  const row = await visibleEvent(context, id);
  return ownedRow(isThinName(row.type) ? null : row, context, "event", id);
}

/**
 * Whether an event is hidden from the caller: it concerns another application, or the account's own endpoints while the
 * caller acts for the account. The account itself sees all of its events.
 */
export function isOthers(
  { applicationId, type }: EventRow,
  { caller, account, application }: Pick<OperationContext, "caller" | "account" | "application">,
): boolean {
  if (account.id === caller.id) return false;
  return (applicationId !== null && applicationId !== application?.id) || isEndpointEventType(type);
}

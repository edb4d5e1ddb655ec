import { mayActFor } from "../events/connection-access.ts";
import { type OperationContext, operation, type Resource } from "../operations/operation.ts";
import { isOwned } from "../operations/owned-row.ts";
import { listAnswer, params, text } from "../operations/parameters.ts";
import { isListener } from "../store/contract/is-listener.ts";
import type { JsonObject } from "../store/contract/rows.ts";
import { seesEvent } from "./events.ts";

/** Objects that represent an address or a secret, which nobody looks up. */
const HIDDEN = /^(?:account_link|page_session|ephemeral_key|carabiner\.)/;

/** Finds what an id belongs to, among everything that the key may see. */
export const search: Resource = {
  object: "search_result",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/console/search",
      params: params({ id: text(255) }),
      async run(context, { id }) {
        const found = await whatHas(context, id.trim());
        return listAnswer("/console/search", found === null ? [] : [{ ...found, id: id.trim(), livemode: context.livemode }], false);
      },
    }),
  ],
};

/**
 * The kind of the object with an id, and the account that it belongs to; null if the key may not see it, or no such
 * object exists.
 */
async function whatHas(context: OperationContext, id: string): Promise<JsonObject | null> {
  const { tx, account, livemode } = context;
  const result = (object: string, accountId: string): JsonObject => ({ object, account: accountId });
  const event = await tx.event(id);
  if (event !== null) return event.livemode === livemode && (await seesEvent(context, event)) ? result("event", event.accountId) : null;
  const delivery = await tx.delivery(id);
  if (delivery !== null) return isOwned(delivery, context) ? result("delivery", delivery.eventAccountId) : null;
  const endpoint = await tx.endpoint(id);
  if (endpoint !== null)
    return isOwned(endpoint, context) && !endpoint.deleted && !isListener(id) ? result("webhook_endpoint", endpoint.accountId) : null;
  const request = await tx.request(id);
  if (request !== null)
    return request.callerId === account.id && request.livemode === livemode ? result("request", request.accountId) : null;
  const other = await tx.account(id);
  if (other !== null) return !other.deleted && (await reaches(context, id)) ? result("account", id) : null;
  const row = await tx.object(id);
  if (row === null || row.livemode !== livemode || HIDDEN.test(row.object)) return null;
  return (await reaches(context, row.accountId)) ? result(row.object, row.accountId) : null;
}

/** Whether an account is the call's own, or connected to it in its mode. */
async function reaches({ tx, account, livemode }: OperationContext, id: string): Promise<boolean> {
  return id === account.id || mayActFor(await tx.connections(account.id, id), livemode);
}

import type { EndpointEventType } from "@carabiner/protocol";
import type { ChangeContext } from "../../operations/operation.ts";
import type { TaskHandlers } from "../../operations/task.ts";
import { ENDPOINT_NOTICE, ENDPOINT_NOTICE_TASK, type EndpointChange } from "../../store/contract/delivery-store.ts";
import type { EndpointRow, JsonObject } from "../../store/contract/rows.ts";
import { renderHealth } from "./render-health.ts";
import { renderWebhookEndpoint } from "./render-webhook-endpoint.ts";
import { rulesOfOwner } from "./rules-of-owner.ts";

/**
 * Notifies an endpoint's owner of its new state, with an event for the owner's other endpoints. The same transaction
 * deletes the notice and records the event, so each is sent once.
 */
export const endpointNoticeTask: TaskHandlers = {
  [ENDPOINT_NOTICE_TASK]: async (context, { subject, accountId }) => {
    const { tx, livemode } = context;
    const notice = await tx.object(subject);
    if (notice?.object !== ENDPOINT_NOTICE) return;
    const change = notice.data as unknown as EndpointChange;
    await tx.deleteObject(subject);
    const [account, endpoint] = [await tx.account(accountId), await tx.endpoint(change.endpointId)];
    if (account === null || account.deleted || endpoint === null || endpoint.deleted) return;
    const type: EndpointEventType = `carabiner.webhook_endpoint.${change.kind}`;
    await context.record([{ account, livemode, type, object: await endpointThen(context, endpoint, change) }]);
  },
};

/**
 * The endpoint as it was when it changed, with its failure. Only the origin of its URL is included: the rest may hold a
 * token, and events are sent to other receivers.
 */
async function endpointThen({ tx, limits }: ChangeContext, row: EndpointRow, change: EndpointChange): Promise<JsonObject> {
  const { kind, firstFailureAt, failures } = change;
  const application = row.connect ? await tx.application(row.accountId, row.livemode) : null;
  const status = kind === "disabled" ? "disabled" : "enabled";
  const then: EndpointRow = { ...row, status, url: `${new URL(row.url).origin}/` };
  return {
    ...renderWebhookEndpoint(then, application?.id ?? null),
    health: renderHealth({ status: kind, firstFailureAt, failures }, await rulesOfOwner(tx, row.accountId, limits)),
  };
}

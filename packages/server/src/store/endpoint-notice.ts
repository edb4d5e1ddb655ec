import { ENDPOINT_NOTICE, ENDPOINT_NOTICE_TASK, type EndpointChange } from "./contract/delivery-store.ts";
import type { ObjectRow, TaskRow } from "./contract/rows.ts";

/**
 * The notice of a change of an endpoint's health, and the task that informs the owner. A store writes both in the
 * commit of the settlement that caused the change, so each change is reported once, even after a crash.
 */
export function endpointNotice(change: EndpointChange): { notice: ObjectRow; task: TaskRow } {
  const { endpointId, accountId, livemode, kind, at } = change;
  const id = `${endpointId}/${String(at).padStart(15, "0")}/${kind}`;
  return {
    notice: {
      id,
      object: ENDPOINT_NOTICE,
      accountId,
      livemode,
      parent: endpointId,
      created: at,
      data: structuredClone(change) as unknown as ObjectRow["data"],
    },
    task: { accountId, livemode, kind: ENDPOINT_NOTICE_TASK, subject: id, dueAt: at },
  };
}

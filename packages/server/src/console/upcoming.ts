import { type OperationContext, operation, type Resource } from "../operations/operation.ts";
import { integer, listAnswer, optional, params } from "../operations/parameters.ts";
import { seconds } from "../operations/time-range.ts";
import { allEndpoints } from "../resources/webhook-endpoints/all-endpoints.ts";
import { ENDPOINT_NOTICE_TASK } from "../store/contract/delivery-store.ts";
import type { DeliveryRow, JsonObject, TaskRow } from "../store/contract/rows.ts";

/** Tasks that change nothing that anybody sees: a code or a link is forgotten, a notice is written. */
const INTERNAL_TASKS = ["forget", ENDPOINT_NOTICE_TASK] as const;

/** What falls due next: tries of deliveries, and what happens to accounts, payouts and disputes by themselves. */
export const upcoming: Resource = {
  object: "upcoming",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/console/upcoming",
      params: params({
        /** How many of the next ones. */
        limit: optional(integer(1, 100)),
      }),
      async run(context, given) {
        const limit = given.limit ?? context.limits.listItemsDefault;
        const { tx, account, livemode } = context;
        const deliveries = await tx.upcomingDeliveries(await ownEndpoints(context), limit + 1);
        const tasks = await tx.upcomingTasks({ platformId: account.id, livemode, except: INTERNAL_TASKS }, limit + 1);
        const data = [...deliveries.map(tryAnswer), ...tasks.map(taskAnswer)].sort((one, other) => one.at - other.at);
        return listAnswer("/console/upcoming", data.slice(0, limit), data.length > limit);
      },
    }),
  ],
};

/** The endpoints whose deliveries are tried: a disabled or paused one gets none. */
async function ownEndpoints({ tx, account, livemode, limits }: OperationContext): Promise<string[]> {
  const endpoints = await allEndpoints(tx, { accountId: account.id, livemode }, limits.listItems);
  return endpoints.filter(({ status, pausedAt }) => status === "enabled" && pausedAt === null).map(({ id }) => id);
}

/** Times are Unix seconds. */
type Upcoming = JsonObject & { at: number };

function tryAnswer(row: DeliveryRow): Upcoming {
  return {
    object: "upcoming",
    kind: "attempt",
    at: seconds(row.nextAttemptAt ?? row.created),
    account: row.eventAccountId,
    subject: row.id,
    event: row.eventId,
    event_type: row.eventType,
    webhook_endpoint: row.endpointId,
    attempt: row.attempts + 1,
  };
}

function taskAnswer({ accountId, kind, subject, dueAt }: TaskRow): Upcoming {
  return { object: "upcoming", kind, at: seconds(dueAt), account: accountId, subject };
}

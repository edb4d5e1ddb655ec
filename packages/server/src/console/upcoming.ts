import { type OperationContext, operation, type Resource } from "../operations/operation.ts";
import { integer, listAnswer, optional, params } from "../operations/parameters.ts";
import { seconds } from "../operations/time-range.ts";
import { allEndpoints } from "../resources/webhook-endpoints/all-endpoints.ts";
import { holdNow } from "../resources/webhook-endpoints/render-health.ts";
import { ENDPOINT_NOTICE_TASK } from "../store/contract/delivery-store.ts";
import type { DeliveryRow, JsonObject, TaskRow } from "../store/contract/rows.ts";

/** Tasks that change nothing that anyone sees: a code or a link is forgotten, a notice is written. */
const INTERNAL_TASKS = ["forget", ENDPOINT_NOTICE_TASK] as const;

/** What falls due next: attempts of deliveries, and automatic changes of accounts, payouts and disputes. */
export const upcoming: Resource = {
  object: "upcoming",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/console/upcoming",
      params: params({
        /** How many of them to return, the next ones first. */
        limit: optional(integer(1, 100)),
      }),
      async run(context, given) {
        const limit = given.limit ?? context.limits.listItemsDefault;
        const { tx, account, livemode } = context;
        const tries = await nextTries(context, limit + 1);
        const tasks = await tx.upcomingTasks({ platformId: account.id, livemode, except: INTERNAL_TASKS }, limit + 1);
        const data = [...tries, ...tasks.map(taskAnswer)].sort((one, other) => one.at - other.at);
        return listAnswer("/console/upcoming", data.slice(0, limit), data.length > limit);
      },
    }),
  ],
};

/** Times are Unix seconds. */
type Upcoming = JsonObject & { at: number };

/**
 * The next attempts, each at the time at which it can happen. A disabled or paused endpoint gets no attempts, and an
 * endpoint that is held back gets none until the hold ends. So deliveries that wait for such an endpoint must not hide
 * earlier ones.
 */
async function nextTries({ tx, account, livemode, limits, now }: OperationContext, limit: number): Promise<Upcoming[]> {
  const endpoints = await allEndpoints(tx, { accountId: account.id, livemode }, limits.listItems);
  const tried = endpoints.filter(({ status, pausedAt }) => status === "enabled" && pausedAt === null);
  const failures = await tx.endpointFailures(tried.map(({ id }) => id));
  const heldUntil = new Map(tried.map((row) => [row.id, holdNow(row, failures.get(row.id) ?? null, now)?.until ?? 0]));
  const rows = await tx.upcomingDeliveries(
    [...heldUntil.keys()].filter((id) => heldUntil.get(id) === 0),
    limit,
  );
  for (const [id, until] of heldUntil) if (until > 0) rows.push(...(await tx.upcomingDeliveries([id], limit)));
  return rows.map((row) => tryAnswer(row, heldUntil.get(row.endpointId) ?? 0));
}

function tryAnswer(row: DeliveryRow, heldUntil: number): Upcoming {
  return {
    object: "upcoming",
    kind: "attempt",
    at: seconds(Math.max(row.nextAttemptAt ?? row.created, heldUntil)),
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

import type { Logger } from "pino";
import { type Bucket, take } from "../api/token-bucket.ts";
import type { Limits } from "../limits.ts";
import type { EndpointCondition } from "../store/contract/delivery-store.ts";
import type { Store } from "../store/store.ts";
import type { AttemptActivity } from "./activity.ts";
import type { ActivityObserver } from "./activity-feed.ts";

type LogLimits = Pick<Limits, "failuresLoggedPerMinute">;

/** Allows a number of lines a minute, and counts the others. */
function createLineLimit({ failuresLoggedPerMinute: most }: LogLimits, now: () => number) {
  let bucket: Bucket | undefined;
  let left = 0;
  return {
    /** False when the line is over the limit. */
    admits(): boolean {
      const taken = most > 0 ? take(bucket, { perSecond: most / 60, burst: most }, now()) : null;
      if (taken !== null) bucket = taken.bucket;
      const admitted = taken !== null && taken.waitMs === 0;
      if (!admitted) left++;
      return admitted;
    },
    leaveOut(count: number): void {
      left += count;
    },
    /** How many were left out since the last call; undefined for zero, which a log does not show. */
    leftOut(): number | undefined {
      const count = left;
      left = 0;
      return count === 0 ? undefined : count;
    },
  };
}

/**
 * An observer that logs failed attempts and abandoned deliveries: ids and the reason in words, never a body. It logs at
 * most `failuresLoggedPerMinute`; each line says how many were left out before it.
 */
export function failuresLogger(log: Logger, limits: LogLimits, now: () => number): ActivityObserver {
  const lines = createLineLimit(limits, now);
  return {
    events: false,
    wants: ({ attempt }) => attempt !== null && attempt.outcome !== "succeeded" && lines.admits(),
    tell(activity) {
      if (activity.kind === "omitted") lines.leaveOut(activity.count);
      if (activity.kind !== "attempt") return;
      const line = { ...failureFields(activity), notLogged: lines.leftOut() };
      if (activity.state === "exhausted")
        log.warn({ code: "delivery.exhausted", ...line }, "an attempt failed, and was the last: the delivery is exhausted");
      else log.warn({ code: "attempt.failed", ...line }, "an attempt failed");
    },
  };
}

function failureFields(activity: AttemptActivity) {
  const { delivery, event, type, account, livemode, endpoint, number, outcome, status, reason, nextAttemptAt } = activity;
  return {
    delivery,
    event,
    type,
    account,
    livemode,
    endpoint,
    attempt: number,
    outcome,
    status: status ?? undefined,
    reason,
    nextAttemptAt: nextAttemptAt === null ? undefined : new Date(nextAttemptAt).toISOString(),
  };
}

/** A store that logs when an endpoint starts to fail or recovers: only ids, at most `failuresLoggedPerMinute`. */
export function logEndpointTurns<Settling extends Pick<Store, "settle">>(
  store: Settling,
  log: Logger,
  limits: LogLimits,
  now: () => number,
): Settling {
  const lines = createLineLimit(limits, now);
  return {
    ...store,
    async settle(settlements, checks) {
      const settled = await store.settle(settlements, checks);
      for (const condition of settled.checked ?? []) logTurn(condition);
      return settled;
    },
  };

  function logTurn({ endpointId, turn, changes }: EndpointCondition): void {
    // When the owner is notified of a recovery, a different line reports more.
    if (turn === null || changes.some(({ kind }) => kind === "recovered")) return;
    if (!lines.admits()) return;
    const { to, accountId, livemode, firstFailureAt } = turn;
    const fields = {
      endpoint: endpointId,
      account: accountId,
      livemode,
      failingSince: new Date(firstFailureAt).toISOString(),
      notLogged: lines.leftOut(),
    };
    if (to === "failing") log.warn({ code: "endpoint.failing", ...fields }, "an endpoint began to fail");
    else log.info({ code: "endpoint.answers", ...fields }, "an endpoint answers again");
  }
}

import { ENDPOINT_EVENT_TYPES } from "@carabiner/protocol";
import { JITTER, LAST_ATTEMPT_MS, LIVE_DELAYS_MS, TEST_DELAYS_MS } from "../../src/deliveries/policy.ts";
import type { AttemptRow, DeliveryRow, EventRow } from "../../src/store/contract/rows.ts";
import type { Reads } from "../../src/store/contract/transaction.ts";
import type { Checker, Delivery } from "./checker.ts";
import { CLOCK_ERROR_MS } from "./checker.ts";
import { TASK_EVENT } from "./node.ts";
import type { Population } from "./population.ts";
import type { Rule } from "./rules.ts";

/** What publishers were told. */
export interface Promised {
  /** Events that are kept, and to how many endpoints each is owed. */
  events: Map<string, number>;
  /** Tasks that are kept, by subject, and when each is due. */
  tasks: Map<string, number>;
}

/** What every delivery is held to at the end. */
export interface Verdict {
  /** When the last fault ended. */
  calmAt: number;
  /**
   * How long it may take beyond what the policy plans, for each attempt: leases that run out, wake-ups missed, queues.
   */
  slackPerAttemptMs: number;
  /**
   * The endpoint whose receiver is never well. Little is sent to it, so that its deliveries may take as long as any
   * may.
   */
  deadEndpointId: string | null;
}

/**
 * How long a delivery may be tried at most when nothing goes wrong any more, from `calmAt` on: by the policy, and no
 * longer.
 */
export function endsBy(
  { created, livemode }: Pick<Delivery, "created" | "livemode">,
  endpointId: string | null,
  { calmAt, slackPerAttemptMs, deadEndpointId }: Verdict,
): number {
  const delays = livemode ? LIVE_DELAYS_MS : TEST_DELAYS_MS;
  const from = Math.max(calmAt, created);
  const planned = endpointId === deadEndpointId ? LAST_ATTEMPT_MS : delays.reduce((sum, delay) => sum + delay * (1 + JITTER), 0);
  return from + Math.min(planned, Math.max(0, created + LAST_ATTEMPT_MS - from)) + (delays.length + 1) * slackPerAttemptMs;
}

/** Compares what the database says at the end with what the checker saw happen. Notes breaches with the checker. */
export async function judge(
  reads: Reads,
  { platform, connected, endpoints }: Population,
  promised: Promised,
  checker: Checker,
  verdict: Verdict,
): Promise<void> {
  const owed = new Map<string, number>();
  for (const livemode of [true, false]) {
    const { rows } = await reads.deliveries({ accountId: platform.id, livemode }, { limit: 1_000_000 });
    for (const row of rows) {
      // Nobody waits for it, and nobody sends it.
      if (row.skipped) {
        if (row.state !== "cancelled" || row.attempts > 0)
          checker.breach("I7", `${row.eventId} to ${row.endpointId} was skipped, and is ${row.state}`);
        continue;
      }
      owed.set(row.eventId, (owed.get(row.eventId) ?? 0) + 1);
      const delivery = checker.deliveries.get(row.id);
      if (delivery === undefined) checker.breach("I1", `${row.eventId} to ${row.endpointId} (${row.state}) was never claimed`);
      else judgeDelivery(row, await reads.attempts(row.id), delivery);
    }
  }
  for (const [eventId, count] of promised.events) {
    if ((await reads.event(eventId)) === null) checker.breach("I1", `${eventId} was acknowledged and is lost`);
    if ((owed.get(eventId) ?? 0) !== count)
      checker.breach("I1", `${eventId} is owed to ${owed.get(eventId) ?? 0} endpoints, and said ${count}`);
  }
  await judgeTasks();
  await judgeNotices();

  /**
   * Of each change of an endpoint's health there is one event; of an endpoint that is deleted by then there may be
   * none.
   */
  async function judgeNotices(): Promise<void> {
    const recorded = new Map<string, number>();
    for (const livemode of [true, false]) {
      const { rows } = await reads.events({ accountId: platform.id, livemode, types: ENDPOINT_EVENT_TYPES }, { limit: 1_000_000 });
      for (const { type, objectId } of rows) recorded.set(`${type} ${objectId}`, (recorded.get(`${type} ${objectId}`) ?? 0) + 1);
    }
    for (const { id } of endpoints)
      for (const type of ENDPOINT_EVENT_TYPES) {
        const [told, there] = [checker.announced.filter((change) => change === `${type} ${id}`).length, recorded.get(`${type} ${id}`) ?? 0];
        if (there > told || (there < told && (await reads.endpoint(id))?.deleted === false))
          checker.breach("health", `there are ${there} events ${type} of ${id}, which was so ${told} times`);
      }
  }

  /** Each task that was kept is done once, and not before its time. */
  async function judgeTasks(): Promise<void> {
    const done = new Map<string, EventRow[]>();
    for (const { id } of [platform, connected])
      for (const livemode of [true, false]) {
        const { rows } = await reads.events({ accountId: id, livemode, types: [TASK_EVENT] }, { limit: 1_000_000 });
        for (const row of rows) done.set(row.objectId ?? "", [...(done.get(row.objectId ?? "") ?? []), row]);
      }
    for (const [subject, rows] of done) if (rows.length > 1) checker.breach("tasks", `${subject} was done ${rows.length} times`);
    for (const [subject, dueAt] of promised.tasks) {
      const at = done.get(subject)?.[0]?.created;
      if (at === undefined) checker.breach("tasks", `${subject} was never done`);
      else if (at < dueAt - 2 * CLOCK_ERROR_MS) checker.breach("tasks", `${subject} was done ${dueAt - at} ms early`);
      else if (at > Math.max(dueAt, verdict.calmAt) + verdict.slackPerAttemptMs)
        checker.breach("I8", `${subject} was done ${at - dueAt} ms late`);
    }
  }

  function judgeDelivery(row: DeliveryRow, attempts: readonly AttemptRow[], delivery: Delivery): void {
    const say = (rule: Rule, what: string) => checker.breach(rule, `${delivery.name} (${row.state}, ${attempts.length} attempts) ${what}`);
    if (row.state === "pending") say("I8", "has not ended");
    if (row.state !== delivery.state || row.attempts !== delivery.attempts)
      say("I6", `was ${delivery.state} after ${delivery.attempts} attempts`);
    if (attempts.length !== delivery.attempts || attempts.some(({ number }, n) => number !== n + 1))
      say("I5", "does not number them 1, 2, 3 …");
    if (attempts.slice(0, -1).some(({ outcome }) => outcome === "succeeded")) say("I6", "went on after a success");
    if ((row.state === "succeeded") !== (attempts.at(-1)?.outcome === "succeeded")) say("I6", "does not end as its last attempt did");
    const delays = row.eventLivemode ? LIVE_DELAYS_MS : TEST_DELAYS_MS;
    const endedAt = delivery.endedAt ?? 0;
    if (row.state === "exhausted" && attempts.length !== delays.length + 1 && endedAt < row.created + LAST_ATTEMPT_MS - CLOCK_ERROR_MS)
      say("I1", "was given up early");
    attempts.forEach(({ at }, n) => {
      const before = attempts[n - 1];
      const earliest =
        before === undefined ? row.created : Math.min(before.at + (delays[n - 1] as number) * (1 - JITTER), row.created + LAST_ATTEMPT_MS);
      if (at < earliest - 2 * CLOCK_ERROR_MS) say("I7", `made attempt ${n + 1} ${earliest - at} ms early`);
    });
    const by = endsBy(delivery, row.endpointId, verdict);
    if (delivery.endedAt !== null && delivery.endedAt > by) say("I8", `ended ${delivery.endedAt - by} ms after it should have`);
  }
}

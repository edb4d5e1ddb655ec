import { type Resend, resendable, resendEvents } from "../../events/resend-event.ts";
import type { ChangeContext } from "../../operations/operation.ts";
import type { TaskHandlers } from "../../operations/task.ts";
import type { EventRow } from "../../store/contract/rows.ts";
import type { Subscribers } from "../../store/contract/transaction.ts";
import { jobOf, RESEND_JOB, RESEND_STATES, RESEND_TASK, type ResendJob, withJob } from "./resend-job.ts";

/**
 * Does the next step of a job and plans the one after it. The same transaction makes the deliveries and advances the
 * job, so each delivery is made once, whatever process makes it and whenever that process ends.
 */
export const resendTask: TaskHandlers = {
  [RESEND_TASK]: async (context, task) => {
    const row = await context.tx.object(task.subject);
    if (row?.object !== RESEND_JOB) return;
    const before = jobOf(row);
    if (before.status !== "running") return;
    const { job, made } = await step(context, row.accountId, before);
    await context.tx.updateObject(withJob(row, job));
    if (job.status === "running") await context.tx.scheduleTask({ ...task, dueAt: context.now + Math.ceil((made * 1_000) / job.rate) });
  },
};

async function step(context: ChangeContext, accountId: string, job: ResendJob): Promise<{ job: ResendJob; made: number }> {
  const { tx, now, ids, livemode, limits } = context;
  const { state, since, until, endpoint, account, type } = job.filter;
  const walked = await tx.walkDeliveries({
    accountId,
    livemode,
    states: RESEND_STATES[state],
    created: { gte: since, lte: until },
    ...(endpoint === null ? {} : { endpointId: endpoint }),
    ...(account === null ? {} : { eventAccountId: account }),
    ...(type === null ? {} : { eventTypePattern: type }),
    after: job.after,
    upTo: job.upTo,
    // A dry run makes nothing, so it may examine more.
    look: job.dryRun ? limits.resendLookedAtOnce : Math.min(limits.resendsAtOnce, job.rate),
  });
  const endpoints = structuredClone(job.endpoints);
  const resender = new Resender(context, accountId);
  let made = 0;
  for (let from = 0; from < walked.deliveries.length; from += limits.resendEventsHeld) {
    const deliveries = walked.deliveries.slice(from, from + limits.resendEventsHeld);
    const events = await tx.eventsById(deliveries.map(({ eventId }) => eventId));
    const resends: Resend[] = [];
    for (const { eventId, endpointId } of deliveries) {
      const counts = endpoints[endpointId] ?? { resent: 0, skipped: 0 };
      endpoints[endpointId] = counts;
      const resend = await resender.prepared(events.get(eventId), endpointId);
      if (resend === null) {
        counts.skipped++;
        continue;
      }
      counts.resent++;
      resends.push(resend);
    }
    if (job.dryRun || resends.length === 0) continue;
    await resendEvents(tx, resends, { kind: job.once ? "manual" : "resent", now, ids });
    made += resends.length;
  }
  const over = walked.next === null;
  return {
    made,
    job: {
      ...job,
      endpoints,
      after: walked.next ?? walked.upTo,
      upTo: walked.upTo,
      first: job.first ?? walked.deliveries[0]?.created ?? null,
      reached: walked.reached ?? job.reached,
      looked: job.looked + walked.looked,
      status: over ? "succeeded" : "running",
      ended: over ? now : null,
    },
  };
}

/** Finds what a delivery resends, and remembers what the deliveries of one step have in common. */
class Resender {
  readonly #context: ChangeContext;
  readonly #accountId: string;
  readonly #subscribers = new Map<string, Subscribers>();
  #applicationId: string | null | undefined;

  constructor(context: ChangeContext, accountId: string) {
    this.#context = context;
    this.#accountId = accountId;
  }

  /** Null when the event no longer exists, or the endpoint may no longer receive it. */
  async prepared(event: EventRow | undefined, endpointId: string): Promise<Resend | null> {
    if (event === undefined) return null;
    const to = resendable(event, await this.#subscribersOf(event.accountId), await this.#platformOf(event)).filter(
      ({ endpoint }) => endpoint.id === endpointId,
    );
    return to.length === 0 ? null : { event, to };
  }

  async #subscribersOf(accountId: string): Promise<Subscribers> {
    const known = this.#subscribers.get(accountId) ?? (await this.#context.tx.subscribers(accountId));
    this.#subscribers.set(accountId, known);
    return known;
  }

  /** The platform, if the event is about its application. */
  async #platformOf({ applicationId }: EventRow): Promise<string | null> {
    if (applicationId === null) return null;
    this.#applicationId ??= (await this.#context.tx.application(this.#accountId, this.#context.livemode))?.id ?? null;
    return applicationId === this.#applicationId ? this.#accountId : null;
  }
}

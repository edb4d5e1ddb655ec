import { apiError } from "@carabiner/protocol";
import { type OperationContext, operation, type Resource } from "../operations/operation.ts";
import { isOwned, ownedRow } from "../operations/owned-row.ts";
import { pageAsked } from "../operations/page-asked.ts";
import { choice, flag, integer, listAnswer, optional, pageProperties, params, text, timestamp } from "../operations/parameters.ts";
import { seconds } from "../operations/time-range.ts";
import { accessibleAccount } from "../resources/access/accessible-account.ts";
import {
  jobOf,
  progressOf,
  RESEND_JOB,
  RESEND_STATES,
  RESEND_TASK,
  type ResendJob,
  type ResendState,
  totals,
  withJob,
} from "../resources/events/resend-job.ts";
import type { JsonObject, ObjectRow } from "../store/contract/rows.ts";
import { ownEndpoint } from "./own-endpoint.ts";

const STATES = Object.keys(RESEND_STATES) as ResendState[];

/** Jobs that resend events, for the owner of the endpoints. */
export const resendJobs: Resource = {
  object: RESEND_JOB,
  expandable: {},
  operations: [
    operation({
      method: "POST",
      path: "/console/resend_jobs",
      params: params({
        /** When the deliveries were made, in Unix seconds, both included; up to now by default. */
        since: timestamp(),
        until: optional(timestamp()),
        /** `undelivered`, the default: exhausted or cancelled. */
        state: optional(choice(STATES)),
        endpoint: optional(text()),
        /** Only events that happened on this account. */
        account: optional(text()),
        /** A type, or a group with a star, such as `account.*`. */
        type: optional(text()),
        /** Only counts what the job would send. */
        dry_run: optional(flag()),
        /** Tries each delivery once, instead of retrying it by the policy. */
        once: optional(flag()),
        /** The most deliveries a second. */
        rate: optional(integer(1, "resendsMostPerSecond")),
      }),
      async run(context, given) {
        const { tx, account, livemode, now, ids, limits } = context;
        const { since, until = seconds(now), state = "undelivered", type = null } = given;
        if (since > until) throw apiError("parameter_out_of_range", { param: "since", min: 0, max: until });
        await refuseTooMany(context);
        const job: ResendJob = {
          status: "running",
          dryRun: given.dry_run ?? false,
          once: given.once ?? false,
          rate: given.rate ?? limits.resendsPerSecond,
          filter: {
            state,
            since: since * 1_000,
            until: Math.min(until * 1_000 + 999, now),
            endpoint: given.endpoint === undefined ? null : (await ownEndpoint(context, given.endpoint)).id,
            account: given.account === undefined ? null : (await accessibleAccount(context, given.account)).id,
            type,
          },
          after: null,
          upTo: null,
          first: null,
          reached: null,
          looked: 0,
          endpoints: {},
          ended: null,
        };
        const row: ObjectRow = withJob(
          {
            id: ids.newId("resend_job", now),
            object: RESEND_JOB,
            accountId: account.id,
            livemode,
            parent: null,
            created: now,
            data: {},
          },
          job,
        );
        await tx.insertObject(row);
        await tx.scheduleTask({ accountId: account.id, livemode, kind: RESEND_TASK, subject: row.id, dueAt: now });
        return jobAnswer(row);
      },
    }),
    operation({
      method: "GET",
      path: "/console/resend_jobs",
      params: params(pageProperties),
      async run(context, page) {
        const { tx, limits } = context;
        const { rows, hasMore } = await tx.objects(
          listedOf(context),
          await pageAsked(page, limits, { name: "resend job", knows: async (id) => isOwned(await tx.object(id), context) }),
        );
        return listAnswer("/console/resend_jobs", rows.map(jobAnswer), hasMore);
      },
    }),
    operation({
      method: "GET",
      path: "/console/resend_jobs/:job",
      params: params({}),
      run: async (context, _, { job = "" }) => jobAnswer(await ownJob(context, job)),
    }),
    operation({
      method: "POST",
      path: "/console/resend_jobs/:job/pause",
      params: params({}),
      run: (context, _, { job = "" }) => changed(context, job, "running", "paused"),
    }),
    operation({
      method: "POST",
      path: "/console/resend_jobs/:job/resume",
      params: params({}),
      run: (context, _, { job = "" }) => changed(context, job, "paused", "running"),
    }),
    operation({
      method: "POST",
      path: "/console/resend_jobs/:job/cancel",
      params: params({}),
      run: (context, _, { job = "" }) => changed(context, job, null, "canceled"),
    }),
  ],
};

function listedOf({ account, livemode }: OperationContext) {
  return { object: RESEND_JOB, accountId: account.id, livemode };
}

/**
 * Throws `resend_jobs_too_many` when the most jobs that may run are running. A paused job does not count until it is
 * resumed.
 */
async function refuseTooMany(context: OperationContext): Promise<void> {
  const limit = context.limits.resendJobsRunning;
  const { rows } = await context.tx.objects({ ...listedOf(context), where: { status: "running" } }, { limit });
  if (rows.length >= limit) throw apiError("resend_jobs_too_many", { limit });
}

async function ownJob(context: OperationContext, id: string): Promise<ObjectRow> {
  const row = await context.tx.object(id);
  return ownedRow(row?.object === RESEND_JOB ? row : null, context, "resend job", id, "job");
}

/**
 * Changes the status of a job. Throws `resend_job_status` when its current status does not allow that; null allows it
 * for every job that has not ended.
 */
async function changed(
  context: OperationContext,
  id: string,
  from: ResendJob["status"] | null,
  to: "running" | "paused" | "canceled",
): Promise<JsonObject> {
  const { tx, now } = context;
  const row = await ownJob(context, id);
  const job = jobOf(row);
  const allowed = from === null ? job.status === "running" || job.status === "paused" : job.status === from;
  if (!allowed) throw apiError("resend_job_status", { job: id, status: job.status, param: "job" });
  if (to === "running") await refuseTooMany(context);
  const after = withJob(row, { ...job, status: to, ended: to === "canceled" ? now : null });
  await tx.updateObject(after);
  const task = { accountId: row.accountId, livemode: row.livemode, kind: RESEND_TASK, subject: id };
  if (to === "running") await tx.scheduleTask({ ...task, dueAt: now });
  else await tx.cancelTask(task);
  return jobAnswer(after);
}

/** A job as the console shows it. Times are Unix seconds. */
function jobAnswer(row: ObjectRow): JsonObject {
  const job = jobOf(row);
  const { filter, endpoints } = job;
  return {
    id: row.id,
    object: RESEND_JOB,
    created: seconds(row.created),
    livemode: row.livemode,
    status: job.status,
    dry_run: job.dryRun,
    once: job.once,
    rate: job.rate,
    filter: { ...filter, since: seconds(filter.since), until: seconds(filter.until) },
    progress: progressOf(job),
    looked_at: job.looked,
    ...totals(job),
    endpoints: Object.entries(endpoints).map(([endpoint, counts]) => ({ endpoint, ...counts })),
    ended_at: job.ended === null ? null : seconds(job.ended),
  };
}

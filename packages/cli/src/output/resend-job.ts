import type { ApiClient } from "../api/api-client.ts";
import { printable } from "./printable.ts";
import { formatFields, formatTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";
import { formatTimestamp } from "./timestamp.ts";

/** A job that resends events, as the console shows it. Times are Unix seconds. */
export interface ResendJob {
  id: string;
  created: number;
  livemode: boolean;
  status: "running" | "paused" | "succeeded" | "canceled";
  dry_run: boolean;
  once: boolean;
  rate: number;
  filter: { state: string; since: number; until: number; endpoint: string | null; account: string | null; type: string | null };
  /** From 0 to 1. */
  progress: number;
  looked_at: number;
  resent: number;
  skipped: number;
  endpoints: { endpoint: string; resent: number; skipped: number }[];
  ended_at: number | null;
}

/** How often a running job is polled. */
const LOOK_EVERY_MS = 250;

/** Resolves with the job once it has ended or is paused. Shows its progress meanwhile, on one line. */
export async function followJob(job: ResendJob, client: ApiClient, terminal: Terminal): Promise<ResendJob> {
  let now = job;
  for (let shown = -1; now.status === "running"; ) {
    const percent = Math.floor(now.progress * 100);
    if (percent !== shown) terminal.tell(terminal.colours.err.dim(`${now.id}  ${percent} %, ${sentInWords(now)}`));
    shown = percent;
    await terminal.pause(LOOK_EVERY_MS);
    now = await client.get<ResendJob>(`/console/resend_jobs/${encodeURIComponent(job.id)}`);
  }
  return now;
}

/** What a job has done so far, or would do in a dry run. */
export function sentInWords({ dry_run, resent, skipped }: ResendJob): string {
  const what = `${resent.toLocaleString("en-US")} ${dry_run ? "would be sent again" : "sent again"}`;
  return skipped === 0 ? what : `${what}, ${skipped.toLocaleString("en-US")} skipped`;
}

/** A job in full, for people. */
export function describeJob(job: ResendJob, terminal: Terminal): string {
  const { out } = terminal.colours;
  const { filter } = job;
  const fields = formatFields(
    [
      ["id", printable(job.id)],
      ["status", `${job.status}${job.dry_run ? ", dry run: nothing is sent" : ""}`],
      ["progress", `${Math.floor(job.progress * 100)} %, ${job.looked_at.toLocaleString("en-US")} looked at`],
      ["outcome", sentInWords(job)],
      ["deliveries", `${printable(filter.state)}, made from ${formatTimestamp(filter.since)} to ${formatTimestamp(filter.until)} UTC`],
      ...(["endpoint", "account", "type"] as const).flatMap((name) => {
        const value = filter[name];
        return value === null ? [] : [[name, printable(value)] as const];
      }),
      ["tries", job.once ? "one each" : "as the retry policy says"],
      ["rate", `at most ${job.rate.toLocaleString("en-US")} a second`],
      ["created", `${formatTimestamp(job.created)} UTC`],
      ["ended", job.ended_at === null ? "-" : `${formatTimestamp(job.ended_at)} UTC`],
    ],
    out.dim,
  );
  if (job.endpoints.length === 0) return `${fields}\n\nNothing to send again.`;
  const table = formatTable(
    [
      { head: "ENDPOINT", cell: ({ endpoint }) => printable(endpoint) },
      { head: job.dry_run ? "WOULD BE SENT" : "SENT AGAIN", cell: ({ resent }) => String(resent), align: "right" },
      { head: "SKIPPED", cell: ({ skipped }) => String(skipped), align: "right" },
    ],
    job.endpoints,
    { width: null, head: out.dim },
  );
  const why = job.skipped === 0 ? "" : "\n\nSkipped: the endpoint is disabled, or may no longer receive these events.";
  return `${fields}\n\n${table}${why}`;
}

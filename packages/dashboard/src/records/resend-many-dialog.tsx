import { type ReactNode, useEffect, useState } from "react";
import type { ResendJob } from "../api/answers.ts";
import { pathTo } from "../api/path-to.ts";
import { useAct, useAnswer } from "../api/queries.ts";
import { Dialog } from "../design/dialog.tsx";
import { ChoiceField, TextField } from "../design/form-fields.tsx";
import { serverNow } from "../design/now.ts";
import type { ResendMany } from "./resend-many.ts";

const CHANGES = ["deliveries", "events", "endpoints"] as const;

/** How often a running job is polled, in milliseconds. */
const LOOK_MS = 500;

/** The periods that can be resent, in seconds. Events are kept for 30 days. */
const LENGTHS: readonly (readonly [seconds: string, label: string])[] = [
  ["900", "the last 15 minutes"],
  ["3600", "the last hour"],
  ["86400", "the last day"],
  ["604800", "the last week"],
  ["2592000", "the last 30 days"],
];

interface ResendManyProps {
  title: string;
  /** Names the deliveries, as the subject of a sentence. */
  what: string;
  which: ResendMany;
  /** The period that is selected at first, in seconds. */
  seconds?: number | undefined;
  onClose(): void;
}

/** The parameters of a new job. */
interface Asked {
  since: number;
  /** Deliveries a second; empty for the server's default. */
  rate: string;
  dryRun: boolean;
}

/** Resends deliveries: counts them first, then asks, then shows the progress, and can stop. */
export function ResendManyDialog({ title, what, which, seconds = 86_400, onClose }: ResendManyProps): ReactNode {
  const [counted, setCounted] = useState<Asked | null>(null);
  const [started, setStarted] = useState<ResendJob | null>(null);
  const start = useAct<Asked, ResendJob>(
    (client, { since, rate, dryRun }) =>
      client.post("/console/resend_jobs", { ...which, since, ...(rate === "" ? {} : { rate }), dry_run: dryRun }),
    CHANGES,
  );
  const running = useAnswer<ResendJob>(
    "system",
    started === null ? null : pathTo`/console/resend_jobs/${started.id}`,
    {},
    { refetchMs: LOOK_MS },
  );
  const stop = useAct<ResendJob, ResendJob>((client, { id }) => client.post(pathTo`/console/resend_jobs/${id}/cancel`), ["system"]);
  const job = running.data ?? started;
  const [done, setDone] = useState(false);
  useEffect(() => setDone(job?.status === "succeeded"), [job?.status]);
  const count = (form: FormData): void => {
    const asked: Asked = {
      since: Math.floor(serverNow() / 1_000) - Number(form.get("length")),
      rate: String(form.get("rate")).trim(),
      dryRun: true,
    };
    setCounted(asked);
    start.mutate(asked, { onSuccess: setStarted });
  };
  const send = (): void => {
    if (counted !== null) start.mutate({ ...counted, dryRun: false }, { onSuccess: setStarted });
  };
  if (job === null)
    return (
      <Dialog title={title} act="Count" busy={start.isPending} error={start.error} onClose={onClose} onAct={count}>
        <p>{what} are sent again, and retried as new ones are. First they are counted.</p>
        <ChoiceField name="length" label="Since" value={String(seconds)} choices={LENGTHS} />
        <TextField name="rate" label="Deliveries a second, at most" type="number" hint="Empty for the server's own pace." />
      </Dialog>
    );
  if (job.dry_run && done)
    return (
      <Dialog
        title={title}
        {...(job.resent > 0 ? { act: `Send ${job.resent}`, onAct: send } : {})}
        busy={start.isPending}
        error={start.error}
        onClose={onClose}
      >
        <p role="status">
          {job.resent === 0
            ? "Nothing is to be sent again."
            : `${job.resent} ${job.resent === 1 ? "delivery is" : "deliveries are"} to be sent again.`}
          {job.skipped > 0 && ` ${job.skipped} cannot be sent: their endpoint is disabled, or may no longer receive them.`}
        </p>
      </Dialog>
    );
  const stopped = job.status === "canceled";
  return (
    <Dialog title={title} error={stop.error ?? running.error} onClose={onClose}>
      <p role="status">{progressInWords(job, done)}</p>
      <progress value={job.progress} max={1} aria-label="Progress" />
      {!done && !stopped && (
        <div className="choice-buttons">
          <button type="button" className="quiet" disabled={stop.isPending} onClick={() => stop.mutate(job)}>
            Stop
          </button>
        </div>
      )}
    </Dialog>
  );
}

function progressInWords({ dry_run: counts, status, resent }: ResendJob, done: boolean): string {
  if (status === "canceled") return counts ? "Stopped. Nothing was sent." : `Stopped after ${resent}. These are sent again.`;
  if (status === "paused") return `Paused after ${resent}.`;
  if (counts) return "Counting…";
  return done ? `${resent} sent again.` : `${resent} sent again so far. It continues when you close this.`;
}

import { type ReactNode, useEffect, useState } from "react";
import type { Endpoint, ResendJob } from "../api/answers.ts";
import { pathTo } from "../api/path-to.ts";
import { useAct, useAnswer } from "../api/queries.ts";
import { Dialog } from "../design/dialog.tsx";
import { ChoiceField } from "../design/form-fields.tsx";
import { serverNow } from "../design/now.ts";

const CHANGES = ["deliveries", "events", "endpoints"] as const;

/** How often a job that runs is looked at, in milliseconds. */
const LOOK_MS = 500;

/** Lengths of time that can be recovered, in seconds. Events are kept for 30 days. */
const LENGTHS: readonly (readonly [seconds: string, label: string])[] = [
  ["3600", "the last hour"],
  ["86400", "the last day"],
  ["604800", "the last week"],
  ["2592000", "the last 30 days"],
];

/** Sends an endpoint again what it has not received since a time: counts first, then asks, then shows the progress. */
export function RecoverDialog({ endpoint, onClose }: { endpoint: Endpoint; onClose(): void }): ReactNode {
  const [since, setSince] = useState<number | null>(null);
  const [started, setStarted] = useState<ResendJob | null>(null);
  const start = useAct<{ since: number; dryRun: boolean }, ResendJob>(
    (client, { since: from, dryRun }) => client.post("/console/resend_jobs", { endpoint: endpoint.id, since: from, dry_run: dryRun }),
    CHANGES,
  );
  const running = useAnswer<ResendJob>(
    "system",
    started === null ? null : pathTo`/console/resend_jobs/${started.id}`,
    {},
    { refetchMs: LOOK_MS },
  );
  const job = running.data ?? started;
  const [done, setDone] = useState(false);
  useEffect(() => setDone(job?.status === "succeeded"), [job?.status]);
  const count = (form: FormData): void => {
    const from = Math.floor(serverNow() / 1_000) - Number(form.get("length"));
    setSince(from);
    start.mutate({ since: from, dryRun: true }, { onSuccess: setStarted });
  };
  const send = (): void => {
    if (since !== null) start.mutate({ since, dryRun: false }, { onSuccess: setStarted });
  };
  if (job === null)
    return (
      <Dialog title="Recover what was not delivered" act="Count" busy={start.isPending} error={start.error} onClose={onClose} onAct={count}>
        <p>
          Deliveries to this endpoint that were given up or cancelled are sent again, and retried as new ones are. First they are counted.
        </p>
        <ChoiceField name="length" label="Since" value="86400" choices={LENGTHS} />
      </Dialog>
    );
  if (job.dry_run && done)
    return (
      <Dialog
        title="Recover what was not delivered"
        {...(job.resent > 0 ? { act: `Send ${job.resent}`, onAct: send } : {})}
        busy={start.isPending}
        error={start.error}
        onClose={onClose}
      >
        <p role="status">
          {job.resent === 0
            ? "Nothing is to be sent again."
            : `${job.resent} ${job.resent === 1 ? "delivery is" : "deliveries are"} to be sent again.`}
          {job.skipped > 0 && ` ${job.skipped} cannot be sent: the endpoint is disabled, or may no longer receive them.`}
        </p>
      </Dialog>
    );
  return (
    <Dialog title="Recover what was not delivered" error={running.error} onClose={onClose}>
      <p role="status">
        {job.dry_run
          ? "Counting…"
          : done
            ? `${job.resent} sent again.`
            : `${job.resent} sent again so far. It goes on when you close this.`}
      </p>
      <progress value={job.progress} max={1} aria-label="Progress" />
    </Dialog>
  );
}

import type { Command } from "commander";
import type { List } from "../api/api-client.ts";
import { type ListOptions, pageOf, printList, withListOptions } from "../api/list-answer.ts";
import { asOwner, clientOf, printAnswer, type ServerOptions, withServerOptions } from "../options/server-options.ts";
import { printable } from "../output/printable.ts";
import { describeJob, type ResendJob, sentInWords } from "../output/resend-job.ts";
import type { Column } from "../output/table.ts";
import type { Terminal } from "../output/terminal.ts";
import { formatTimestamp } from "../output/timestamp.ts";

const COLUMNS: readonly Column<ResendJob>[] = [
  { head: "ID", cell: ({ id }) => printable(id) },
  { head: "STATUS", cell: ({ status, dry_run }) => (dry_run ? `${status} (dry run)` : status) },
  { head: "DONE", cell: ({ progress }) => `${Math.floor(progress * 100)} %`, align: "right" },
  { head: "OUTCOME", cell: sentInWords },
  { head: "CREATED (UTC)", cell: ({ created }) => formatTimestamp(created), dropped: 1 },
];

/** Adds `carabiner resend-jobs`. */
export function registerResendJobs(program: Command, terminal: Terminal): void {
  const jobs = program.command("resend-jobs").description("jobs that send many events again: their progress, pause, cancel");

  withListOptions(jobs.command("list").description("list the jobs, newest first"))
    .addHelpText("after", "\nExample:\n  carabiner resend-jobs list\n")
    .action(async (options: ListOptions) => {
      const answer = await clientOf(asOwner(options), terminal).get<List<ResendJob>>("/console/resend_jobs", pageOf(options));
      printList(terminal, options, answer, COLUMNS, "No resend jobs.");
    });

  withServerOptions(jobs.command("get").alias("show").description("show one job, by endpoint").argument("<job>", "its id, rsj_…"))
    .addHelpText("after", "\nExample:\n  carabiner resend-jobs get rsj_1abc\n")
    .action((id: string, options: ServerOptions) => shown(id, options));

  for (const [act, description] of [
    ["pause", "make no more deliveries until it is resumed; those already made are sent"],
    ["resume", "go on where it was paused"],
    ["cancel", "end it; deliveries already made are sent"],
  ] as const)
    withServerOptions(jobs.command(act).description(description).argument("<job>", "its id, rsj_…"))
      .addHelpText("after", `\nExample:\n  carabiner resend-jobs ${act} rsj_1abc\n`)
      .action((id: string, options: ServerOptions) => shown(id, options, act));

  async function shown(id: string, options: ServerOptions, act?: string): Promise<void> {
    const client = clientOf(asOwner(options), terminal);
    const path = `/console/resend_jobs/${encodeURIComponent(id)}`;
    const job = act === undefined ? await client.get<ResendJob>(path) : await client.post<ResendJob>(`${path}/${act}`);
    printAnswer(terminal, options, job, () => describeJob(job, terminal));
  }
}

import { type Command, Option } from "commander";
import type { List } from "../api-client.ts";
import { type OperatorClient, openOperatorClient } from "../open-operator-client.ts";
import { type OperatorOptions, operatedPlace, withOperatorOptions } from "../operator-options.ts";
import { printable } from "../printable.ts";
import { jsonOption, printAnswer } from "../server-options.ts";
import { formatTable } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { type TimeOptions, withTimeOptions } from "../time-filter.ts";
import { formatTimestamp } from "../timestamp.ts";

interface AuditEntry {
  id: string;
  account: string | null;
  act: string;
  by: string;
  created: number;
  from: string | null;
  subject: string;
}

type FilterOptions = OperatorOptions & TimeOptions & { account?: string };

/** Adds `carabiner audit`. */
export function registerAudit(program: Command, terminal: Terminal): void {
  const audit = program.command("audit").description("what was done with platforms, keys, operators and backups, by whom and from where");

  withFilter(audit.command("list").description("list the acts, newest first, while the server runs or not"))
    .addOption(new Option("--starting-after <id>", "the page after this one"))
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  carabiner audit list --since 7d --data /var/lib/carabiner\n")
    .action(async (options: FilterOptions & { startingAfter?: string; json?: true }) => {
      const client = await openOperatorClient(operatedPlace(options, terminal.env), terminal);
      try {
        const answer = await pageAfter(client, filterOf(options, terminal), options.startingAfter);
        printAnswer(terminal, options, answer, () =>
          formatTable(
            [
              { head: "TIME (UTC)", cell: ({ created }) => formatTimestamp(created) },
              { head: "ACT", cell: ({ act }) => printable(act) },
              { head: "ACCOUNT", cell: ({ account }) => printable(account ?? "-") },
              { head: "SUBJECT", cell: ({ subject }) => printable(subject) },
              { head: "BY", cell: ({ by }) => printable(by) },
              { head: "FROM", cell: ({ from }) => printable(from ?? "-") },
            ],
            answer.data,
            { width: null, head: terminal.colours.out.dim },
          ),
        );
        const last = answer.data.at(-1);
        if (answer.has_more && last !== undefined && options.json !== true)
          terminal.tell(terminal.colours.err.dim(`There is more: --starting-after ${last.id}`));
      } finally {
        await client.close();
      }
    });

  withFilter(audit.command("export").description("print all acts, newest first, as JSON, one a line"))
    .addHelpText("after", "\nExample:\n  carabiner audit export --since 30d --data /var/lib/carabiner > audit.ndjson\n")
    .action(async (options: FilterOptions) => {
      const client = await openOperatorClient(operatedPlace(options, terminal.env), terminal);
      try {
        const filter = filterOf(options, terminal);
        for (let after: string | undefined; ; ) {
          const page = await pageAfter(client, filter, after);
          for (const entry of page.data) terminal.print(printable(JSON.stringify(entry)));
          after = page.data.at(-1)?.id;
          if (!page.has_more || after === undefined) break;
          await terminal.printed();
        }
      } finally {
        await client.close();
      }
    });
}

function withFilter(command: Command): Command {
  return withOperatorOptions(withTimeOptions(command)).addOption(new Option("--account <acct>", "acts on this account"));
}

/** The filter that the options name, as a query. */
function filterOf({ since, until, account }: FilterOptions, terminal: Terminal): Record<string, string> {
  const now = Math.floor(terminal.now() / 1_000);
  return {
    limit: "100",
    ...(since === undefined ? {} : { since: String(since.at(now)) }),
    ...(until === undefined ? {} : { until: String(until.at(now)) }),
    ...(account === undefined ? {} : { account }),
  };
}

function pageAfter(client: OperatorClient, filter: Record<string, string>, after: string | undefined): Promise<List<AuditEntry>> {
  const query = new URLSearchParams({ ...filter, ...(after === undefined ? {} : { starting_after: after }) });
  return client.get(`/operator/audit?${query.toString()}`);
}

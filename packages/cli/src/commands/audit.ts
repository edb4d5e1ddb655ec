import { type Command, Option } from "commander";
import type { List } from "../api/api-client.ts";
import { askOperator, type OperatorClient } from "../api/ask-operator.ts";
import { filterWords } from "../api/list-answer.ts";
import { printOperatorList } from "../api/operator-list.ts";
import { type OperatorOptions, operatedPlace, withOperatorOptions } from "../options/operator-options.ts";
import { jsonOption } from "../options/server-options.ts";
import { type TimeOptions, timesAsked, withTimeOptions } from "../options/time-filter.ts";
import { printable } from "../output/printable.ts";
import type { Terminal } from "../output/terminal.ts";
import { formatTimestamp } from "../output/timestamp.ts";

interface AuditEntry {
  id: string;
  account: string | null;
  act: string;
  by: string;
  created: number;
  from: string | null;
  subject: string;
}

type FilterOptions = OperatorOptions & TimeOptions & { account?: string; act?: string; by?: string; subject?: string };

/** Adds `carabiner audit`. */
export function registerAudit(program: Command, terminal: Terminal): void {
  const audit = program.command("audit").description("what was done with platforms, keys, operators and backups, by whom and from where");

  withFilter(audit.command("list").description("list the acts, newest first, while the server runs or not"))
    .addOption(new Option("--starting-after <id>", "the page after this one"))
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  carabiner audit list --since 7d --data /var/lib/carabiner\n")
    .action(async (options: FilterOptions & { startingAfter?: string; json?: true }) => {
      const place = operatedPlace(options, terminal.env);
      const filter = filterOf(options, terminal);
      await askOperator(place, terminal, async (client) => {
        const answer = await pageAfter(client, filter, options.startingAfter);
        const narrowed = filterWords({
          "--since": options.since?.text,
          "--until": options.until?.text,
          "--account": options.account,
          "--act": options.act,
          "--by": options.by,
          "--subject": options.subject,
          "--starting-after": options.startingAfter,
        });
        printOperatorList(
          terminal,
          options,
          answer,
          [
            { head: "TIME (UTC)", cell: ({ created }) => formatTimestamp(created) },
            { head: "ACT", cell: ({ act }) => printable(act) },
            { head: "ACCOUNT", cell: ({ account }) => printable(account ?? "-") },
            { head: "SUBJECT", cell: ({ subject }) => printable(subject) },
            { head: "BY", cell: ({ by }) => printable(by) },
            { head: "FROM", cell: ({ from }) => printable(from ?? "-") },
          ],
          `No acts${narrowed === "" ? "" : ` with ${narrowed}`}.`,
        );
      });
    });

  withFilter(audit.command("export").description("print all acts, newest first, as JSON, one a line"))
    .addHelpText("after", "\nExample:\n  carabiner audit export --since 30d --data /var/lib/carabiner > audit.ndjson\n")
    .action(async (options: FilterOptions) => {
      const place = operatedPlace(options, terminal.env);
      const filter = filterOf(options, terminal);
      await askOperator(place, terminal, async (client) => {
        for (let after: string | undefined; ; ) {
          const page = await pageAfter(client, filter, after);
          for (const entry of page.data) terminal.print(printable(JSON.stringify(entry)));
          after = page.data.at(-1)?.id;
          if (!page.has_more || after === undefined) break;
          await terminal.printed();
        }
      });
    });
}

function withFilter(command: Command): Command {
  return withOperatorOptions(withTimeOptions(command))
    .addOption(new Option("--account <acct>", "acts on this account"))
    .addOption(new Option("--act <act>", "this act, such as key.rolled, or a group of them: 'key.*'"))
    .addOption(new Option("--by <who>", "acts of this one, as the list names them"))
    .addOption(new Option("--subject <id>", "acts that were done to this"));
}

/** The filter that the options name, as a query. Throws a failure when the end is before the beginning. */
function filterOf({ account, act, by, subject, ...times }: FilterOptions, terminal: Terminal): Record<string, string> {
  const { since, until } = timesAsked(times, Math.floor(terminal.now() / 1_000));
  return {
    limit: "100",
    ...(since === undefined ? {} : { since: String(since) }),
    ...(until === undefined ? {} : { until: String(until) }),
    ...(account === undefined ? {} : { account }),
    ...(act === undefined ? {} : { act }),
    ...(by === undefined ? {} : { by }),
    ...(subject === undefined ? {} : { subject }),
  };
}

function pageAfter(client: OperatorClient, filter: Record<string, string>, after: string | undefined): Promise<List<AuditEntry>> {
  const query = new URLSearchParams({ ...filter, ...(after === undefined ? {} : { starting_after: after }) });
  return client.get(`/operator/audit?${query.toString()}`);
}

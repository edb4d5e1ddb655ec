import { type Command, Option } from "commander";
import type { List } from "../api-client.ts";
import { openOperatorClient } from "../open-operator-client.ts";
import { printable } from "../printable.ts";
import { jsonOption, printAnswer } from "../server-options.ts";
import { existing, type NamedStoreOptions, namedStore, withStoreOptions } from "../store-options.ts";
import { formatTable } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { formatTimestamp } from "../timestamp.ts";

interface AuditEntry {
  id: string;
  account: string | null;
  act: string;
  by: string;
  created: number;
  subject: string;
}

/** Adds `carabiner audit`. */
export function registerAudit(program: Command, terminal: Terminal): void {
  const audit = program.command("audit").description("what was done with platforms, keys and backups, and by whom");

  withStoreOptions(audit.command("list").description("list the acts, newest first, while the server runs or not"))
    .addOption(new Option("--starting-after <id>", "the page after this one"))
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  carabiner audit list --data /var/lib/carabiner\n")
    .action(async (options: NamedStoreOptions & { startingAfter?: string; json?: true }) => {
      const client = await openOperatorClient(existing(namedStore(options, terminal.env)));
      try {
        const after = options.startingAfter === undefined ? "" : `&starting_after=${encodeURIComponent(options.startingAfter)}`;
        const answer = await client.get<List<AuditEntry>>(`/operator/audit?limit=100${after}`);
        printAnswer(terminal, options, answer, () =>
          formatTable(
            [
              { head: "TIME (UTC)", cell: ({ created }) => formatTimestamp(created) },
              { head: "ACT", cell: ({ act }) => printable(act) },
              { head: "ACCOUNT", cell: ({ account }) => printable(account ?? "-") },
              { head: "SUBJECT", cell: ({ subject }) => printable(subject) },
              { head: "BY", cell: ({ by }) => printable(by) },
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
}

import { type Command, InvalidArgumentError, Option } from "commander";
import type { List } from "../api/api-client.ts";
import { askOperator } from "../api/ask-operator.ts";
import { printOperatorList } from "../api/operator-list.ts";
import { type OperatorOptions, operatedPlace, withOperatorOptions } from "../options/operator-options.ts";
import { jsonOption, printAnswer } from "../options/server-options.ts";
import { existing, type NamedStoreOptions, namedStore, withStoreOptions } from "../options/store-options.ts";
import { parseDuration } from "../output/duration.ts";
import { printable } from "../output/printable.ts";
import { formatFields } from "../output/table.ts";
import type { Terminal } from "../output/terminal.ts";
import { formatTimestamp } from "../output/timestamp.ts";

interface OperatorAnswer {
  id: string;
  created: number;
  expires_at: number | null;
  hint: string;
  key?: string;
  last_used: number | null;
  name: string;
  read_only: boolean;
  status: "active" | "expiring" | "expired";
}

type StoredCommandOptions = NamedStoreOptions & { json?: true };

/** Adds `carabiner operators`. */
export function registerOperators(program: Command, terminal: Terminal): void {
  const operators = program.command("operators").description("manage operators, who run the server over HTTP with keys of their own");
  const { out, err } = terminal.colours;

  withOperatorOptions(operators.command("list").description("list operators, newest first, including expired ones"))
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  carabiner operators list --data /var/lib/carabiner\n")
    .action(async (options: OperatorOptions & { json?: true }) => {
      await askOperator(operatedPlace(options, terminal.env), terminal, async (client) => {
        const answer = await client.get<List<OperatorAnswer>>("/operator/operators");
        printOperatorList(
          terminal,
          options,
          answer,
          [
            { head: "OPERATOR", cell: ({ id }) => printable(id) },
            { head: "NAME", cell: ({ name }) => printable(name) },
            { head: "HINT", cell: ({ hint }) => printable(hint) },
            { head: "MAY", cell: ({ read_only: readOnly }) => (readOnly ? "read" : "write") },
            { head: "STATUS", cell: ({ status }) => printable(status) },
            { head: "CREATED (UTC)", cell: ({ created }) => formatTimestamp(created) },
            { head: "LAST USED (UTC)", cell: ({ last_used: at }) => formatTimestamp(at) },
            { head: "EXPIRES (UTC)", cell: ({ expires_at: at }) => formatTimestamp(at) },
          ],
          "No operators.",
        );
      });
    });

  withStoreOptions(
    operators
      .command("add")
      .description("add an operator; their key is shown once")
      .argument("<name>", "who it is", parseName)
      .option("--read-only", "they may look at everything and change nothing"),
  )
    .addOption(new Option("--expires-in <time>", "when the key expires, such as 90d; without it, never").argParser(parseTime))
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  carabiner operators add alice --read-only --data /var/lib/carabiner\n")
    .action(async (name: string, options: StoredCommandOptions & { readOnly?: true; expiresIn?: number }) => {
      await askOperator(existing(namedStore(options, terminal.env)), terminal, async (client) => {
        const added = await client.post<OperatorAnswer>("/operator/operators", {
          name,
          read_only: options.readOnly === true,
          ...(options.expiresIn === undefined ? {} : { expires_in: options.expiresIn }),
        });
        printAnswer(terminal, options, added, () =>
          formatFields(
            [
              ["id", added.id],
              ["name", printable(added.name)],
              ["key", out.bold(added.key ?? "")],
              ["may", added.read_only ? "read" : "write"],
              ["expires (UTC)", formatTimestamp(added.expires_at)],
            ],
            out.dim,
          ),
        );
        terminal.tell(err.dim("The key is shown only this once: Carabiner stores its hash alone."));
      });
    });

  withStoreOptions(operators.command("revoke").description("revoke an operator's key at once").argument("<operator>", "its id, operator_…"))
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  carabiner operators revoke operator_0a1b2c3d4e5f --data /var/lib/carabiner\n")
    .action(async (id: string, options: StoredCommandOptions) => {
      await askOperator(existing(namedStore(options, terminal.env)), terminal, async (client) => {
        const revoked = await client.post<OperatorAnswer>(`/operator/operators/${encodeURIComponent(id)}/revoke`, {});
        printAnswer(
          terminal,
          options,
          revoked,
          () => `${printable(revoked.name)} (${printable(revoked.hint)}): expired at ${formatTimestamp(revoked.expires_at)} UTC`,
        );
      });
    });
}

function parseName(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("Say who it is.");
  return text;
}

function parseTime(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === null) throw new InvalidArgumentError("It must be a time such as 90d, 24h or 90s.");
  return seconds;
}

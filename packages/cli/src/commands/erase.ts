import type { Command } from "commander";
import { askOperator } from "../api/ask-operator.ts";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { type OperatorOptions, operatedPlace, withOperatorOptions } from "../options/operator-options.ts";
import { jsonOption, printAnswer } from "../options/server-options.ts";
import { printable } from "../output/printable.ts";
import { formatFields } from "../output/table.ts";
import type { Terminal } from "../output/terminal.ts";

/** What is erased with a platform. */
interface Preview {
  accounts_disconnected: number;
  accounts_erased: number;
  endpoints: number;
  keys: number;
  more_accounts: boolean;
}

interface Erased {
  id: string;
  store: "sqlite" | "postgresql";
  purged: boolean;
  kept: { what: string; why: string }[];
  may_still_have: { what: string; why: string }[];
}

type EraseOptions = OperatorOptions & { yes?: true; json?: true };

/** Adds `carabiner platforms delete`. */
export function addPlatformDeletion(platforms: Command, terminal: Terminal): void {
  withOperatorOptions(
    platforms
      .command("delete")
      .description("delete a platform and everything that belongs to it; without --yes, say what would go")
      .argument("<platform>", "its account, acct_…")
      .option("--yes", "delete it")
      .option(
        "--purge",
        "remove what the deleted rows leave in files too; an SQLite file is rewritten, and nothing else is done meanwhile",
      ),
  )
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  carabiner platforms delete acct_1Q0aB2cD3eF4gH --data /var/lib/carabiner\n")
    .action(async (id: string, options: EraseOptions & { purge?: true }) => {
      const path = `/operator/platforms/${encodeURIComponent(id)}`;
      await askOperator(operatedPlace(options, terminal.env), terminal, async (client) => {
        const preview = await client.get<Preview>(`${path}/deletion`);
        if (options.yes !== true) throw unconfirmed(id, goingWith(preview));
        const deleted = await client.post<Erased & Preview>(`${path}/delete`, { confirm: id, purge: options.purge === true });
        printAnswer(terminal, options, deleted, () =>
          formatFields([["deleted", printable(deleted.id)], ...goingWith(deleted), ...leftBy(deleted)], terminal.colours.out.dim),
        );
      });
    });
}

/** What is erased with an account. */
interface ErasurePreview {
  events: number;
  more_events: boolean;
  endpoints: number;
  keys: number;
}

/** Adds `carabiner accounts erase`. */
export function addAccountErasure(accounts: Command, terminal: Terminal): void {
  withOperatorOptions(
    accounts
      .command("erase")
      .description("erase the data of an account that was deleted, also from the database's files")
      .argument("<account>", "its id, acct_…")
      .option("--yes", "erase it"),
  )
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  carabiner accounts erase acct_1Q0aB2cD3eF4gH --yes --data /var/lib/carabiner\n")
    .action(async (id: string, options: EraseOptions) => {
      const place = operatedPlace(options, terminal.env);
      await askOperator(place, terminal, async (client) => {
        if (options.yes !== true) {
          // Also says when it cannot be erased.
          const goes = await client.get<ErasurePreview>(`/operator/accounts/${encodeURIComponent(id)}/erasure`);
          throw unconfirmed(id, [
            ["events, with their deliveries", `${goes.more_events ? "at least " : ""}${goes.events ?? "-"}`],
            ["endpoints", String(goes.endpoints ?? "-")],
            ["keys", String(goes.keys ?? "-")],
            ["goes too", "everything else that it holds, and its requests"],
            ["meanwhile", "an SQLite file is rewritten, and nothing else is done; PostgreSQL is vacuumed"],
          ]);
        }
        const erased = await client.post<Erased>(`/operator/accounts/${encodeURIComponent(id)}/erase`, { confirm: id });
        printAnswer(terminal, options, erased, () =>
          formatFields([["erased", printable(erased.id)], ...leftBy(erased)], terminal.colours.out.dim),
        );
      });
    });
}

/** What a purge did, depending on the store. */
const PURGED = { sqlite: "rewritten without what was deleted", postgresql: "vacuumed: new rows take the place of what was deleted" };

type Fields = (readonly [string, string])[];

function goingWith({ accounts_erased: erased, accounts_disconnected: left, endpoints, keys, more_accounts: more }: Preview): Fields {
  const atLeast = more ? "at least " : "";
  return [
    ["keys", String(keys)],
    ["endpoints", String(endpoints)],
    ["accounts that go with it", `${atLeast}${erased}`],
    ["accounts that lose their connection", `${atLeast}${left}`],
  ];
}

function leftBy({ store, purged, kept, may_still_have: elsewhere }: Erased): Fields {
  return [
    ["files", purged ? (PURGED[store] ?? "purged") : "free pages may still have what was deleted"],
    ...(kept ?? []).map(({ what, why }) => ["kept", `${printable(what)}: ${printable(why)}`] as const),
    ...(elsewhere ?? []).map(({ what, why }) => ["may still have it", `${printable(what)}: ${printable(why)}`] as const),
  ];
}

const unconfirmed = (id: string, fields: Fields): CommandFailure =>
  new CommandFailure(`Nothing was deleted. This would delete ${printable(id)}, and cannot be undone.`, {
    details: fields.map(([name, value]) => `${name}: ${value}`),
    advice: "Run it again with --yes.",
    exitCode: EXIT_CODES.usage,
  });

import { join, resolve } from "node:path";
import type { SecretKeys } from "@carabiner/server";
import type { Command } from "commander";
import { askOperator } from "../api/ask-operator.ts";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { databaseOf } from "../options/data-directory.ts";
import { type SecretKeysOption, secretKeysOf, withSecretKeysOption } from "../options/secret-keys-option.ts";
import { jsonOption, printAnswer } from "../options/server-options.ts";
import { existing, type NamedStoreOptions, namedStore, withStoreOptions } from "../options/store-options.ts";
import { printable } from "../output/printable.ts";
import { formatFields } from "../output/table.ts";
import type { Terminal } from "../output/terminal.ts";
import { formatTimestamp } from "../output/timestamp.ts";
import { remedied } from "../start-failure.ts";

interface Contents {
  schema: number;
  accounts: number;
  events: number;
  deliveries: number;
  pending: number;
}

interface BackupAnswer extends Contents {
  file: string;
  taken_at: number;
  bytes: number;
  sealed_with: { keys: string[]; from: string };
}

/** Adds `carabiner backup` and `carabiner restore`. */
export function registerBackup(program: Command, terminal: Terminal): void {
  const { out, err } = terminal.colours;

  withStoreOptions(
    program
      .command("backup")
      .description("back up the database of a data directory into one verified file, while the server runs or not")
      .requiredOption("--to <file>", "the file to write; it must not exist"),
  )
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  carabiner backup --data /var/lib/carabiner --to /backup/carabiner-2026-03-01.db\n")
    .action(async (options: NamedStoreOptions & { to: string; json?: true }) => {
      const kept = existing(namedStore(options, terminal.env));
      if ("url" in kept.store)
        throw new CommandFailure("Carabiner does not back up PostgreSQL.", {
          advice: "Use pg_dump or point-in-time recovery: see docs/operating.md.",
          exitCode: EXIT_CODES.usage,
        });
      if (options.to === "") throw new CommandFailure("--to: name the file to write.", { exitCode: EXIT_CODES.usage });
      await askOperator(kept, terminal, async (client) => {
        const backup = await client.post<BackupAnswer>("/operator/backups", { file: resolve(options.to) });
        printAnswer(terminal, options, backup, () =>
          formatFields(
            [
              ["backup", printable(backup.file)],
              ["taken at (UTC)", formatTimestamp(backup.taken_at)],
              ["bytes", String(backup.bytes)],
              ...contentsOf(backup),
              ["needs key", backup.sealed_with.keys.map((id) => printable(id)).join(", ")],
            ],
            out.dim,
          ),
        );
        terminal.tell(
          err.dim(
            `Verified. The backup does not contain the key: keep a copy of ${printable(backup.sealed_with.from)} elsewhere. Without it the backup cannot be restored.`,
          ),
        );
      });
    });

  withSecretKeysOption(
    program
      .command("restore")
      .description("restore a backup into a data directory that has no database")
      .requiredOption("--from <file>", "the backup")
      .requiredOption("--data <dir>", "the data directory; the key file must be in it, or be named by --key-file"),
  )
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExample:\n  carabiner restore --from /backup/carabiner-2026-03-01.db --data /var/lib/carabiner --key-file /safe/secrets.key\n",
    )
    .action(async (options: SecretKeysOption & { from: string; data: string; json?: true }) => {
      const secretKeys = secretKeysOf(options, terminal.env);
      const { restoreBackup } = await import("@carabiner/server");
      const to = databaseOf(options.data);
      let restored: ReturnType<typeof restoreBackup>;
      try {
        restored = restoreBackup({ from: resolve(options.from), to, ...(secretKeys === undefined ? {} : { secretKeys }) });
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        if (error.name === "UnusableKeys") throw remedied(error);
        if (error.name === "RestoreRefused") throw new CommandFailure(error.message, { advice: "Nothing was changed.", cause: error });
        throw error;
      }
      printAnswer(terminal, options, { object: "restored_backup", database: to, ...restored }, () =>
        formatFields([["restored", printable(to)], ...contentsOf(restored)], out.dim),
      );
      terminal.tell(
        err.dim(
          [
            ...(restored.pending === 0
              ? []
              : [
                  `${restored.pending === 1 ? "1 delivery was" : `${restored.pending} deliveries were`} pending in the backup. A server that starts here sends what was pending, also what was sent after the backup: receivers may see the same event id twice.`,
                ]),
            ...keyElsewhere(secretKeys, options.data),
            "Everything after the backup is missing. API keys and signing secrets are as they were then: revoke or roll again what was revoked or rolled since.",
          ].join("\n"),
        ),
      );
    });
}

/** A note that the next server also needs the keys, unless it finds them beside the database. */
function keyElsewhere(keys: SecretKeys | undefined, directory: string): string[] {
  if (keys === undefined) return [];
  if ("keys" in keys) return ["Start the server with the same CARABINER_KEY: the keys are not kept beside the database."];
  const beside = join(directory, "secrets.key");
  if (resolve(keys.file) === resolve(beside)) return [];
  return [`Start the server with --key-file ${printable(keys.file)}, or copy that file to ${printable(beside)}.`];
}

function contentsOf({ accounts, events, deliveries, pending }: Contents): [string, string][] {
  return [
    ["accounts", String(accounts)],
    ["events", String(events)],
    ["deliveries", String(deliveries)],
    ["pending", String(pending)],
  ];
}

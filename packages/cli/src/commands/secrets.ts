import type { Rotation } from "@carabiner/server";
import type { Command } from "commander";
import { askOperator, serverRunsOn } from "../api/ask-operator.ts";
import { programName } from "../as-run.ts";
import { CommandFailure } from "../command-failure.ts";
import { jsonOption, printAnswer } from "../options/server-options.ts";
import { existing, type NamedStore, type NamedStoreOptions, namedStore, openingFor, withStoreOptions } from "../options/store-options.ts";
import { formatFields, formatTable } from "../output/table.ts";
import type { Terminal } from "../output/terminal.ts";
import { startFailure } from "../start-failure.ts";

/** A key by its id, and how many secrets it seals. */
interface SealingKey {
  id: string;
  current: boolean;
  values: number;
}

/** The shortest time between two lines about the progress. */
const TELL_EVERY_MS = 1_000;

/** Adds `carabiner secrets`. */
export function registerSecrets(program: Command, terminal: Terminal): void {
  const secrets = program
    .command("secrets")
    .description("the keys that signing secrets, URLs and other secrets in the database are sealed with");
  const { out, err } = terminal.colours;

  secrets
    .command("create-key")
    .description("make a key file, for its owner alone; every server on a PostgreSQL database needs the same")
    .argument("<file>", "where to write it")
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  carabiner secrets create-key secrets.key\n")
    .action(async (file: string, options: { json?: true }) => {
      const { createKeyFile } = await import("@carabiner/server");
      const id = await failing(null, async () => createKeyFile(file));
      printAnswer(terminal, options, { file, id }, () => `made ${file} with key ${id}`);
      terminal.tell(err.dim("Back it up, apart from the database: without it the secrets there are lost."));
    });

  secrets
    .command("add-key")
    .description("add a new key to a key file, as the one that seals: before it is copied to other machines")
    .argument("<file>", "the key file")
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  carabiner secrets add-key secrets.key\n")
    .action(async (file: string, options: { json?: true }) => {
      const { addKey } = await import("@carabiner/server");
      const id = await failing(null, async () => addKey(file));
      printAnswer(terminal, options, { file, id }, () => `added key ${id} to ${file}`);
      terminal.tell(
        err.dim(`Copy the file to every server, then seal all with it: ${programName(terminal.env)} secrets rotate --no-new-key`),
      );
    });

  withStoreOptions(secrets.command("show").description("list the keys, by id, and how many secrets are sealed with each"))
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  carabiner secrets show --data /var/lib/carabiner\n")
    .action(async (options: NamedStoreOptions & { json?: true }) => {
      const kept = existing(namedStore(options, terminal.env));
      const keys = (await serverRunsOn(kept)) ? await askServer(kept) : await countHere(kept);
      printAnswer(terminal, options, { keys }, () =>
        formatTable(
          [
            { head: "KEY", cell: ({ id }) => id },
            { head: "SEALS", cell: ({ current }) => (current ? "yes" : "no, opens") },
            { head: "SECRETS", cell: ({ values }) => String(values) },
          ],
          keys,
          { width: null, head: out.dim },
        ),
      );
    });

  withStoreOptions(
    secrets
      .command("rotate")
      .description(
        "make a new key and seal all secrets with it; the old ones go from the key file. Stop a server on SQLite first; those on PostgreSQL go on",
      )
      .option("--no-new-key", "seal all with the first key there is"),
  )
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner secrets rotate --data /var/lib/carabiner\n  carabiner secrets rotate --database postgres://carabiner@db.internal/carabiner --key-file secrets.key\n",
    )
    .action(async (options: NamedStoreOptions & { newKey: boolean; json?: true }) => {
      const kept = existing(namedStore(options, terminal.env));
      if (options.newKey && kept.secretKeys !== undefined && "keys" in kept.secretKeys)
        throw new CommandFailure("The keys in CARABINER_KEY are yours to change: no new one can be added to them here.", {
          advice:
            "Put the new key behind the old one on every server, then before it, each time with a restart; then run this with --no-new-key, and take the old one out.",
        });
      const { rotateSecrets } = await import("@carabiner/server");
      let toldAt = terminal.now();
      const rotation = await failing(kept, () =>
        rotateSecrets({
          ...openingFor(kept, terminal),
          newKey: options.newKey,
          onProgress(resealed, behind) {
            if (terminal.now() - toldAt < TELL_EVERY_MS) return;
            toldAt = terminal.now();
            const waiting = behind === 0 ? "" : `; waiting for ${behind} ${behind === 1 ? "server" : "servers"} to take the key over`;
            terminal.tell(err.dim(`${resealed} resealed${waiting}`));
          },
        }),
      );
      printAnswer(terminal, options, rotation, () => describeRotation(rotation, out.dim));
      if (rotation.dropped.length > 0) terminal.tell(err.dim("Backups of the database from before still need the key file from before."));
    });

  async function askServer(kept: NamedStore): Promise<SealingKey[]> {
    const answer = await askOperator(kept, terminal, (client) => client.get<{ keys: SealingKey[] }>("/operator/secrets"));
    return answer.keys;
  }

  async function countHere(kept: NamedStore): Promise<SealingKey[]> {
    const { countSecrets } = await import("@carabiner/server");
    return failing(kept, () => countSecrets(openingFor(kept, terminal)));
  }

  /** Runs work that can fail in the same ways as a server's start. */
  async function failing<T>(kept: NamedStore | null, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const database = kept === null ? null : "file" in kept.store ? kept.store.file : kept.shown;
      throw startFailure(error, { command: "serve", host: "", port: 0, database }) ?? error;
    }
  }
}

function describeRotation({ current, resealed, dropped }: Rotation, dim: (text: string) => string): string {
  return formatFields(
    [
      ["sealed with", current],
      ["resealed", String(resealed)],
      ["no longer needed", dropped.join("\n") || "none"],
    ],
    dim,
  );
}

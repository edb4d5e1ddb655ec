import { statSync } from "node:fs";
import type { SecretKeys } from "@carabiner/server";
import type { Command } from "commander";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { isThere } from "../is-there.ts";
import type { Terminal } from "../output/terminal.ts";
import { DATA, DATABASE, KEY_FILE } from "../settings/settings.ts";
import { withSettings } from "../settings/with-settings.ts";
import { databaseOf, makeDataDirectory, notDirectory, whyUnwritable } from "./data-directory.ts";
import { secretFrom } from "./secret-from.ts";
import { type SecretKeysOption, secretKeysOf } from "./secret-keys-option.ts";

/** The options for where a `serve` server keeps everything. */
export interface NamedStoreOptions extends SecretKeysOption {
  data?: string;
  database?: string;
}

/** A store: how to open it, and how to show it to people. */
export interface NamedStore {
  store: { file: string } | { url: string };
  /** The directory or the database, without its password. */
  shown: string;
  /** The option that names it, for advice. */
  option: string;
  /** The keys that seal its secrets; absent when no keys are named. */
  secretKeys?: SecretKeys;
}

/** Adds `--data` and `--database`, one of which is required, and `--key-file`. */
export function withStoreOptions(command: Command): Command {
  return withSettings(command, [KEY_FILE, DATA, DATABASE]);
}

/**
 * The store that the options or, failing that, the environment names. Throws a usage error when neither does, when both
 * options are given, when the URL is not PostgreSQL's, or when keys are given twice.
 */
export function namedStore({ data, database, ...options }: NamedStoreOptions, env: Terminal["env"]): NamedStore {
  if (data !== undefined && database !== undefined) throw usage("--data and --database exclude each other.");
  const directory = data ?? (database === undefined ? given(env.CARABINER_DATA) : undefined);
  const url = database ?? (data === undefined ? secretFrom(env, "CARABINER_DATABASE_URL") : undefined);
  if (directory !== undefined && url !== undefined)
    throw usage("CARABINER_DATA and CARABINER_DATABASE_URL are both set. Say which with --data or --database.");
  const secretKeys = secretKeysOf(options, env);
  const named = secretKeys === undefined ? {} : { secretKeys };
  if (url !== undefined) {
    const parsed = URL.parse(url);
    if (parsed === null || !["postgres:", "postgresql:"].includes(parsed.protocol))
      throw usage("The database must be given as postgres://user@host:port/name.");
    const port = parsed.port === "" ? "" : `:${parsed.port}`;
    return { store: { url }, shown: `postgres://${parsed.hostname}${port}${parsed.pathname}`, option: "--database URL", ...named };
  }
  if (directory === undefined)
    throw new CommandFailure("Say where everything is kept, with --data (CARABINER_DATA) or --database (CARABINER_DATABASE_URL).", {
      advice: "`carabiner dev` without --data keeps everything in memory, where only its own API and dashboard reach it.",
      exitCode: EXIT_CODES.usage,
    });
  return { store: { file: databaseOf(directory) }, shown: directory, option: `--data ${directory}`, ...named };
}

/** The same store, if it exists. Throws otherwise, because only `platforms create` makes the file. */
export function existing(kept: NamedStore): NamedStore {
  if (!("file" in kept.store) || isThere(kept.store.file)) return kept;
  if (statSync(kept.shown, { throwIfNoEntry: false })?.isDirectory() === false) throw notDirectory(kept.shown);
  const { more, advice } = whereNone(kept);
  throw new CommandFailure(`There is no platform in ${kept.shown}${more === "" ? " yet" : more}.`, { advice });
}

/** What else to say of a directory without a database, and what to do: to make one, if this user can. */
export function whereNone({ shown, option }: NamedStore): { more: string; advice: string } {
  const why = whyUnwritable(shown);
  return why === null
    ? { more: "", advice: `Make the first platform: carabiner platforms create --name NAME ${option}` }
    : { more: `, and none can be made there: ${why}`, advice: "Give another directory with --data, or let this user write there." };
}

/** The part of it that opens the store. */
export function opening({ store, secretKeys }: NamedStore): Pick<NamedStore, "store" | "secretKeys"> {
  return { store, ...(secretKeys === undefined ? {} : { secretKeys }) };
}

/** The same for a command, which prints that the file was copied before an upgrade. A server logs this instead. */
export function openingFor(kept: NamedStore, { tell, colours }: Pick<Terminal, "tell" | "colours">) {
  return {
    ...opening(kept),
    onCopied: (copy: string) =>
      tell(
        colours.err.dim(
          `The database was copied to ${copy} before an upgrade that cannot be undone. Delete the copy when you no longer need it.`,
        ),
      ),
  };
}

/** Throws when an SQLite file does not exist, because opening it would create it. */
export function mustExist({ store, shown }: NamedStore): void {
  if ("file" in store && !isThere(store.file))
    throw new CommandFailure(`There is no database in ${shown}.`, {
      advice: "Give its directory with --data.",
      exitCode: EXIT_CODES.notFound,
    });
}

/** Makes the directory of an SQLite file if it does not exist. */
export async function prepare({ store, shown }: NamedStore): Promise<void> {
  if ("file" in store) await makeDataDirectory(shown);
}

const given = (value: string | undefined): string | undefined => (value === "" ? undefined : value);

const usage = (message: string) => new CommandFailure(message, { exitCode: EXIT_CODES.usage });

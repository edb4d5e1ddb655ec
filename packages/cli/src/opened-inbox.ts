import { statSync } from "node:fs";
import type { Inbox } from "@carabiner/receiver";
import { type Command, Option } from "commander";
import { CommandFailure } from "./command-failure.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { isThere } from "./is-there.ts";
import { secretFrom } from "./options/secret-from.ts";
import { jsonOption } from "./options/server-options.ts";
import type { Terminal } from "./output/terminal.ts";

/** The options of every command that reads a receiver's inbox. */
export interface InboxOptions {
  inbox?: string;
  schema?: string;
  json?: true;
}

/** Adds the options that name the inbox. */
export function withInboxOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--inbox <place>",
        "the receiver's SQLite file, or postgres://user@host:port/name; its password belongs in ~/.pgpass or in the environment (environment: CARABINER_INBOX, or the file that CARABINER_INBOX_FILE names)",
      ),
    )
    .option("--schema <name>", "the schema of its tables in PostgreSQL, where it is not the first of the search path")
    .addOption(jsonOption());
}

/** An open inbox. */
export interface OpenedInbox {
  inbox: Inbox<unknown>;
  /** The current time in Unix milliseconds. */
  now: number;
}

/** Opens the inbox that the options name while `work` runs. Never creates an inbox or changes its tables. */
export async function withInbox<T>(options: InboxOptions, terminal: Terminal, work: (opened: OpenedInbox) => Promise<T>): Promise<T> {
  const place = options.inbox ?? secretFrom(terminal.env, "CARABINER_INBOX");
  if (place === undefined) throw usage("Name an inbox with --inbox (CARABINER_INBOX): an SQLite file, or postgres://….");
  const { inbox, close } = /^postgres(ql)?:/.test(place) ? await inPostgres(place, options.schema) : await inSqlite(place, options.schema);
  try {
    await opened(inbox);
    return await work({ inbox, now: (await inbox.time()) ?? terminal.now() });
  } catch (error) {
    const { InboxUnavailable } = await import("@carabiner/receiver");
    if (!(error instanceof InboxUnavailable)) throw error;
    throw new CommandFailure(`The inbox cannot be read or written: ${error.message}`, { cause: error });
  } finally {
    await close();
  }
}

/** Reports why an inbox cannot be opened: it does not exist, its tables have another version, or a server refuses. */
async function opened(inbox: Inbox<unknown>): Promise<void> {
  try {
    await inbox.prepare();
  } catch (error) {
    throw new CommandFailure(`The inbox cannot be opened: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
      advice: "Give the file or the database that a receiver of this version works on.",
    });
  }
}

interface Closable {
  inbox: Inbox<unknown>;
  close(): Promise<void>;
}

async function inSqlite(file: string, schema: string | undefined): Promise<Closable> {
  if (schema !== undefined) throw usage("--schema is for PostgreSQL: a SQLite file has none.");
  if (!isThere(file, statSync)) throw new CommandFailure(`There is no file ${file}.`);
  if (statSync(file).isDirectory())
    throw new CommandFailure(`${file} is a folder.`, { advice: "Give the file in it that a receiver works on." });
  const { sqliteInbox } = await import("@carabiner/receiver/sqlite");
  const inbox = sqliteInbox(file, { migrate: false });
  return { inbox, close: () => inbox.close() };
}

async function inPostgres(url: string, schema: string | undefined): Promise<Closable> {
  if (!URL.canParse(url)) throw usage("The database must be given as postgres://user@host:port/name.");
  const [{ default: pg }, { postgresInbox }] = await Promise.all([import("pg"), import("@carabiner/receiver/postgres")]);
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  const inbox = postgresInbox(pool, { migrate: false, ...(schema === undefined ? {} : { schema }) });
  return { inbox, close: () => pool.end() };
}

function usage(message: string): CommandFailure {
  return new CommandFailure(message, { exitCode: EXIT_CODES.usage });
}

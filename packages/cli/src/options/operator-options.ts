import type { Command } from "commander";
import type { OperatedServer } from "../api/ask-operator.ts";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";
import { secretFrom } from "./secret-from.ts";
import { urlOf } from "./server-options.ts";
import { existing, type NamedStore, type NamedStoreOptions, namedStore, withStoreOptions } from "./store-options.ts";

/** The options of the operator's commands: where the data is, or which server to call. */
export interface OperatorOptions extends NamedStoreOptions {
  url?: string;
}

/** Adds the options of the operator's commands. */
export function withOperatorOptions(command: Command): Command {
  return withStoreOptions(command).option(
    "--url <url>",
    "a server to call with the operator key in CARABINER_OPERATOR_KEY, instead of --data or --database (environment: CARABINER_URL)",
  );
}

/**
 * The store or the server that the options or, failing that, the environment names. A store in an option comes first,
 * then a URL in an option, then an operator key in the environment. Throws a usage error when they contradict each
 * other, and, for a store that does not exist, unless the command `mayCreate` it.
 */
export function operatedPlace(
  { url, ...options }: OperatorOptions,
  env: Terminal["env"],
  { mayCreate = false }: { mayCreate?: boolean } = {},
): NamedStore | OperatedServer {
  const stored = options.data !== undefined || options.database !== undefined;
  if (url !== undefined && stored) throw usage("--url excludes --data and --database.");
  const operatorKey = stored ? undefined : secretFrom(env, "CARABINER_OPERATOR_KEY");
  if (url !== undefined && operatorKey === undefined)
    throw usage("Calling a server by its URL takes an operator key: set CARABINER_OPERATOR_KEY, or CARABINER_OPERATOR_KEY_FILE.");
  if (operatorKey === undefined) {
    const kept = namedStore(options, env);
    return mayCreate ? kept : existing(kept);
  }
  const elsewhere = ["CARABINER_DATA", "CARABINER_DATABASE_URL", "CARABINER_DATABASE_URL_FILE"].find((name) => (env[name] ?? "") !== "");
  if (url === undefined && elsewhere !== undefined)
    throw usage(`CARABINER_OPERATOR_KEY and ${elsewhere} are both set. Say which with --url, --data or --database.`);
  return { url: urlOf(url === undefined ? {} : { url }, env), operatorKey };
}

const usage = (message: string) => new CommandFailure(message, { exitCode: EXIT_CODES.usage });

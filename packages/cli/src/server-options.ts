import { type Command, Option } from "commander";
import { type ApiClient, createApiClient, type Target } from "./api-client.ts";
import { CommandFailure } from "./command-failure.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { printableJson } from "./printable.ts";
import { secretFrom } from "./secret-from.ts";
import type { Terminal } from "./terminal.ts";

/** The port `carabiner dev` and `carabiner serve` listen on unless told otherwise. */
export const DEFAULT_PORT = 12111;
/** Where commands look for a server unless told otherwise. */
export const DEFAULT_URL = `http://127.0.0.1:${DEFAULT_PORT}`;
/** The secret keys of every server that `carabiner dev` starts. */
const DEV_KEYS = { test: "sk_test_carabinerForLocalTesting", live: "sk_live_carabinerForLocalTesting" } as const;

/** The options of every command that asks a server. */
export interface ServerOptions {
  url?: string;
  live?: true;
  account?: string;
  json?: true;
}

/** Adds to a command the options that every command has which asks a server. */
export function withServerOptions(command: Command, { account = "act for this connected account" }: { account?: string } = {}): Command {
  return command
    .option("--url <url>", `the server (environment: CARABINER_URL; otherwise ${DEFAULT_URL})`)
    .option(
      "--live",
      `live mode: the key is CARABINER_LIVE_API_KEY, or ${DEV_KEYS.live}, instead of CARABINER_API_KEY, or ${DEV_KEYS.test}`,
    )
    .option("--account <acct>", account)
    .addOption(jsonOption());
}

/** `--json`, as every command has it. */
export function jsonOption(): Option {
  return new Option("--json", "print the answer as JSON");
}

/** Which server to ask, as whom. Options win over the environment. Rejects what is no address with a usage error. */
export function targetOf(options: ServerOptions, env: Terminal["env"]): Target {
  const given = options.url ?? (env.CARABINER_URL || DEFAULT_URL);
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
    throw new CommandFailure(`Not the address of a server: ${given}`, {
      advice: `Give one such as ${DEFAULT_URL}.`,
      exitCode: EXIT_CODES.usage,
    });
  }
  const key =
    options.live === true
      ? (secretFrom(env, "CARABINER_LIVE_API_KEY") ?? DEV_KEYS.live)
      : (secretFrom(env, "CARABINER_API_KEY") ?? DEV_KEYS.test);
  return { url: given.replace(/\/+$/, ""), key, account: options.account ?? null };
}

/** The same options without the account: the call is made as the key's own. */
export function asOwner({ account: _, ...rest }: ServerOptions): ServerOptions {
  return rest;
}

/** Asks the server that the options name. */
export function clientOf(options: ServerOptions, terminal: Terminal): ApiClient {
  return createApiClient(targetOf(options, terminal.env));
}

/** Prints an answer: as JSON when asked to, otherwise as `text` makes it. */
export function printAnswer(terminal: Terminal, options: { json?: true }, answer: unknown, text: () => string): void {
  terminal.print(options.json === true ? printableJson(answer) : text());
}

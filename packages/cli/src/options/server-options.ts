import { type Command, Option } from "commander";
import { type ApiClient, createApiClient, type Target } from "../api/api-client.ts";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { printableJson } from "../output/printable.ts";
import type { Terminal } from "../output/terminal.ts";
import { secretFrom } from "./secret-from.ts";

/** The default port of `carabiner dev` and `carabiner serve`. */
export const DEFAULT_PORT = 12111;
/** The default server of commands. */
export const DEFAULT_URL = `http://127.0.0.1:${DEFAULT_PORT}`;
/** The secret keys of all `carabiner dev` servers. */
const DEV_KEYS = { test: "sk_test_carabinerForLocalTesting", live: "sk_live_carabinerForLocalTesting" } as const;

/** The options of every command that calls a server. */
export interface ServerOptions {
  url?: string;
  live?: true;
  account?: string;
  json?: true;
}

/** Adds the options of every command that calls a server. */
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

/** `--json`, the same for every command. */
export function jsonOption(): Option {
  return new Option("--json", "print the answer as JSON");
}

/**
 * Which server to call, and as whom. Options take precedence over the environment. Throws a usage error for an invalid
 * address.
 */
export function targetOf(options: ServerOptions, env: Terminal["env"]): Target {
  const key =
    options.live === true
      ? (secretFrom(env, "CARABINER_LIVE_API_KEY") ?? DEV_KEYS.live)
      : (secretFrom(env, "CARABINER_API_KEY") ?? DEV_KEYS.test);
  return { url: urlOf(options, env), key, account: options.account ?? null };
}

/** The address of the server to call, without a trailing slash. Throws a usage error for an invalid one. */
export function urlOf({ url }: Pick<ServerOptions, "url">, env: Terminal["env"]): string {
  const given = url ?? (env.CARABINER_URL || DEFAULT_URL);
  const parsed = URL.parse(given);
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.username + parsed.password !== "") {
    // An address with a user name may also have a password.
    const shown = parsed === null || parsed.username + parsed.password === "" ? given : "it names a user or a password";
    throw new CommandFailure(`Not the address of a server: ${shown}`, {
      advice: `Give one such as ${DEFAULT_URL}.`,
      exitCode: EXIT_CODES.usage,
    });
  }
  return given.replace(/(?<!\/)\/+$/, "");
}

/** The same options without the account: the call acts for the key's own account. */
export function asOwner({ account: _, ...rest }: ServerOptions): ServerOptions {
  return rest;
}

/** A client for the server that the options name. */
export function clientOf(options: ServerOptions, terminal: Terminal): ApiClient {
  return createApiClient(targetOf(options, terminal.env));
}

/** Prints an answer: as JSON on request, otherwise as `text` formats it. */
export function printAnswer(terminal: Terminal, options: { json?: true }, answer: unknown, text: () => string): void {
  terminal.print(options.json === true ? printableJson(answer) : text());
}

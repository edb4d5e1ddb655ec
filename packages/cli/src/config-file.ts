import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { CommandFailure } from "./command-failure.ts";
import { didYouMean } from "./did-you-mean.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

/** The default path of the configuration file. */
const DEFAULT_PATH = join("carabiner", "config.env");

/**
 * The variables of a configuration file, the same as those of the environment. A test compares them with docs/cli.md.
 */
export const CONFIG_VARIABLES: readonly string[] = [
  "CARABINER_ALLOW_NETWORK",
  "CARABINER_ALLOW_PORT",
  "CARABINER_API_KEY",
  "CARABINER_API_KEY_FILE",
  "CARABINER_DATA",
  "CARABINER_DATABASE_URL",
  "CARABINER_DATABASE_URL_FILE",
  "CARABINER_EGRESS_PROXY",
  "CARABINER_EGRESS_PROXY_FILE",
  "CARABINER_INBOX",
  "CARABINER_INBOX_FILE",
  "CARABINER_KEY",
  "CARABINER_KEY_FILE",
  "CARABINER_LIVE_API_KEY",
  "CARABINER_LIVE_API_KEY_FILE",
  "CARABINER_NAME_SERVER",
  "CARABINER_RATE_PER_ADDRESS",
  "CARABINER_RATE_PER_KEY",
  "CARABINER_REFUSE_PORT",
  "CARABINER_TRUSTED_PROXIES",
  "CARABINER_URL",
  "CARABINER_WEBHOOK_SECRET",
  "CARABINER_WEBHOOK_SECRET_FILE",
];

/** Variables that are, or may contain, a secret. A file with one of them must be readable only by its owner. */
const SECRETS = new Set(["API_KEY", "DATABASE_URL", "EGRESS_PROXY", "INBOX", "KEY", "LIVE_API_KEY", "WEBHOOK_SECRET"]);

/**
 * The environment, extended by the configuration file: lines of `NAME=value`, as in a `.env` file. The environment
 * takes precedence for each subject, in whatever form it is given. The file is the one that `CARABINER_CONFIG` names,
 * or `carabiner/config.env` in `XDG_CONFIG_HOME` or `~/.config` (`%APPDATA%` on Windows) if there is one. Throws a
 * usage error for a file that cannot be read, an unknown name, or a secret in a file that others can read.
 */
export function withConfigFile(env: Terminal["env"]): Terminal["env"] {
  const named = env.CARABINER_CONFIG || undefined;
  const folder = env.XDG_CONFIG_HOME || env.APPDATA || (env.HOME ? join(env.HOME, ".config") : undefined);
  const path = named ?? (folder === undefined ? undefined : join(folder, DEFAULT_PATH));
  const text = path === undefined ? null : readConfig(path, named !== undefined);
  if (path === undefined || text === null) return env;
  const values = Object.entries(parseEnv(text)).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== "");
  for (const [name] of values) checkName(name, path);
  if (values.some(([name]) => SECRETS.has(name.replace(/^CARABINER_/, "")))) checkOwner(path);
  const said = new Set(Object.keys(env).flatMap((name) => (env[name] ? [subjectOf(name)] : [])));
  return { ...env, ...Object.fromEntries(values.filter(([name]) => !said.has(subjectOf(name)))) };
}

function readConfig(path: string, needed: boolean): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!needed && (code === "ENOENT" || code === "ENOTDIR")) return null;
    throw usage(`Cannot read the configuration file ${path}: ${code ?? error}.`, error);
  }
}

function checkName(name: string, path: string): void {
  if (CONFIG_VARIABLES.includes(name)) return;
  const near = didYouMean(
    name,
    CONFIG_VARIABLES.map((variable) => variable.toLowerCase()),
  ).map((variable) => variable.toUpperCase());
  throw new CommandFailure(`There is no variable "${name}", which the configuration file ${path} sets.`, {
    exitCode: EXIT_CODES.usage,
    advice: near.length === 0 ? "docs/cli.md lists the variables." : `Did you mean ${near.join(" or ")}?`,
  });
}

function checkOwner(path: string): void {
  if (process.platform === "win32" || (statSync(path).mode & 0o077) === 0) return;
  throw new CommandFailure(`${path} holds a secret, and others on this machine can read it.`, {
    exitCode: EXIT_CODES.usage,
    advice: `Keep it to yourself: chmod 600 ${path}`,
  });
}

/** A variable's subject: a value and the file with it share one, as do a directory and a database. */
function subjectOf(name: string): string {
  const subject = name.replace(/_FILE$/, "");
  return subject === "CARABINER_DATA" ? "CARABINER_DATABASE_URL" : subject;
}

const usage = (message: string, cause?: unknown): CommandFailure => new CommandFailure(message, { exitCode: EXIT_CODES.usage, cause });

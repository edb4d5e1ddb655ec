import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { fileFault } from "@carabiner/server/file-fault";
import { CommandFailure } from "./command-failure.ts";
import { suggestion } from "./did-you-mean.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import type { Terminal } from "./output/terminal.ts";
import { isOfKubernetes, SECRET_VARIABLES, VARIABLES } from "./settings/variables.ts";

/** The default path of the configuration file. */
const DEFAULT_PATH = join("carabiner", "config.env");

const PREFIX = "CARABINER_";

/** Read only from the environment, because it names the file. */
const CONFIG = "CARABINER_CONFIG";

/** Variables of the project's own tests. Commands that the tests start inherit them. */
const OF_TESTS = "CARABINER_TEST_";

/** The environment with what the configuration file adds to it. */
export interface Configured {
  env: Terminal["env"];
  configFile: Terminal["configFile"];
}

/**
 * The environment, extended by the configuration file: lines of `NAME=value`, as in a `.env` file. The environment
 * takes precedence for each subject, in any of its forms. The file is the one that `named` or otherwise
 * `CARABINER_CONFIG` names, or `carabiner/config.env` in `XDG_CONFIG_HOME` or `~/.config` (`%APPDATA%` on Windows) if
 * there is one. Throws a usage error for a file that cannot be read, for an unknown name in it or in the environment,
 * and for a secret in a file that others can read.
 */
export function withConfigFile(given: Terminal["env"], named: string | undefined = given[CONFIG] || undefined): Configured {
  const env = Object.fromEntries(Object.entries(given).filter(([name, value]) => !isOfKubernetes(name, value ?? "")));
  for (const [name, value] of Object.entries(env))
    if (name.startsWith(PREFIX) && name !== CONFIG && !name.startsWith(OF_TESTS) && value) checkName(name, "which the environment sets");
  const folder = env.XDG_CONFIG_HOME || env.APPDATA || (env.HOME ? join(env.HOME, ".config") : undefined);
  const path = named ?? (folder === undefined ? undefined : join(folder, DEFAULT_PATH));
  const text = path === undefined ? null : readConfig(path, named !== undefined);
  if (path === undefined || text === null) return { env, configFile: null };
  checkLines(text, path);
  const values = Object.entries(parseEnv(text)).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== "");
  for (const [name] of values) checkName(name, `which the configuration file ${path} sets`);
  if (values.some(([name]) => SECRET_VARIABLES.has(name))) checkOwner(path);
  const said = new Set(Object.keys(env).flatMap((name) => (env[name] ? [subjectOf(name)] : [])));
  const added = values.filter(([name]) => !said.has(subjectOf(name)));
  return { env: { ...env, ...Object.fromEntries(added) }, configFile: { path, names: new Set(added.map(([name]) => name)) } };
}

function readConfig(path: string, needed: boolean): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!needed && (code === "ENOENT" || code === "ENOTDIR")) return null;
    throw new CommandFailure(`Cannot read the configuration file ${path}: ${fileFault(error)}.`, {
      exitCode: EXIT_CODES.usage,
      advice: needed
        ? "Make it readable to this user, or name another."
        : "Make it readable to this user, or point HOME to a folder of the user's own.",
      cause: error,
    });
  }
}

/** An assignment of a quoted value, up to its end. */
const QUOTED = /^[ \t]*(?:export[ \t]+)?[A-Za-z_][\w.-]*[ \t]*=[ \t]*(["'`])[\s\S]*?\1/gm;

/** `parseEnv` skips lines that are not assignments. The error must not quote the line, which may contain a secret. */
function checkLines(text: string, path: string): void {
  // A quoted value may have several lines.
  const lines = text.replaceAll(QUOTED, (quoted) => `NAME=${"\n".repeat(quoted.split("\n").length - 1)}`).split("\n");
  const wrong = lines.findIndex((line) => !/^\s*(?:$|#|(?:export\s+)?[A-Za-z_][\w.-]*\s*=)/.test(line) && line.trim() !== "");
  if (wrong < 0) return;
  throw new CommandFailure(`Line ${wrong + 1} of the configuration file ${path} is not NAME=value.`, {
    exitCode: EXIT_CODES.usage,
    advice: "Fix the line, or put # in front of it to leave it out.",
  });
}

function checkName(name: string, where: string): void {
  if (VARIABLES.includes(name)) return;
  throw new CommandFailure(`There is no variable "${name}", ${where}.`, {
    exitCode: EXIT_CODES.usage,
    advice: suggestion(name, VARIABLES, "docs/cli.md and docs/configuration.md list the variables."),
  });
}

function checkOwner(path: string): void {
  if (process.platform === "win32" || (statSync(path).mode & 0o077) === 0) return;
  throw new CommandFailure(`${path} holds a secret, and others on this machine can read it.`, {
    exitCode: EXIT_CODES.usage,
    advice: `Keep it to yourself: chmod 600 ${path}`,
  });
}

/** A variable's subject. A value and the file that contains it share one, and so do a directory and a database. */
function subjectOf(name: string): string {
  const subject = name.replace(/_FILE$/, "");
  return subject === "CARABINER_DATA" ? "CARABINER_DATABASE_URL" : subject;
}

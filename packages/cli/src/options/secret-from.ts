import { readFileSync } from "node:fs";
import { fileFault } from "@carabiner/server/file-fault";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";

/** The file descriptor of stdin. */
const STDIN = 0;

/**
 * A secret from the environment: the value of a variable, or the content of the file that the variable with the suffix
 * `_FILE` names (`-` for stdin); undefined when neither is set. Throws a usage error when both are set, or the file
 * cannot be read.
 */
export function secretFrom(env: Terminal["env"], variable: string): string | undefined {
  const value = env[variable] || undefined;
  const file = env[`${variable}_FILE`] || undefined;
  if (file === undefined) return value;
  if (value !== undefined) throw usage(`${variable} and ${variable}_FILE are both set. Unset one.`);
  return secretIn(file, `${variable}_FILE`);
}

/**
 * The secret in a file, or on stdin for `-`; `by` is the option or the variable that names the file. Throws a usage
 * error when it cannot be read.
 */
export function secretIn(file: string, by: string): string {
  try {
    return readFileSync(file === "-" ? STDIN : file, "utf8").trim();
  } catch (error) {
    throw usage(`Cannot read ${file}, which ${by} names: ${fileFault(error)}.`, error);
  }
}

const usage = (message: string, cause?: unknown): CommandFailure => new CommandFailure(message, { exitCode: EXIT_CODES.usage, cause });

import type { SecretKeys } from "@carabiner/server";
import type { Command } from "commander";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";
import { KEY_FILE } from "../settings/settings.ts";
import { withSettings } from "../settings/with-settings.ts";

/** The option for the keys that seal secrets. */
export interface SecretKeysOption {
  keyFile?: string;
}

/** Adds `--key-file`. */
export function withSecretKeysOption(command: Command): Command {
  return withSettings(command, [KEY_FILE]);
}

/**
 * The keys that the option or, failing that, the environment names; undefined when neither does. Throws a usage error
 * when the environment names two.
 */
export function secretKeysOf({ keyFile }: SecretKeysOption, env: Terminal["env"]): SecretKeys | undefined {
  const file = keyFile ?? (env.CARABINER_KEY_FILE || undefined);
  const keys = keyFile === undefined ? env.CARABINER_KEY || undefined : undefined;
  if (file !== undefined && keys !== undefined)
    throw new CommandFailure("CARABINER_KEY_FILE and CARABINER_KEY are both set. Say which with --key-file.", {
      exitCode: EXIT_CODES.usage,
    });
  if (keys !== undefined) return { keys };
  return file === undefined ? undefined : { file };
}

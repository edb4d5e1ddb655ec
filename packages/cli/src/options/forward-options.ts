import { type Command, Option } from "commander";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";
import { parsePlace } from "../settings/parse-place.ts";
import { secretFrom, secretIn } from "./secret-from.ts";

/** A development server's default signing secret. A test compares it with the server's. */
const DEV_WEBHOOK_SECRET = "whsec_carabinerForLocalTesting";

/** An option that takes an address as people type it. */
export function placeOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(parsePlace);
}

/** Adds `--webhook-secret-file`. */
export function withWebhookSecretOption(command: Command): Command {
  return command.option(
    "--webhook-secret-file <file>",
    `sign what is forwarded with the secret in this file, instead of ${DEV_WEBHOOK_SECRET} (environment: CARABINER_WEBHOOK_SECRET_FILE, or the secret itself in CARABINER_WEBHOOK_SECRET)`,
  );
}

/** The signing secret: from the named file, or the environment, or the public default. Throws a usage error. */
export function webhookSecretOf(option: string | undefined, env: Terminal["env"]): string {
  const secret =
    (option === undefined ? secretFrom(env, "CARABINER_WEBHOOK_SECRET") : secretIn(option, "--webhook-secret-file")) ?? DEV_WEBHOOK_SECRET;
  if (!secret.startsWith("whsec_")) throw new CommandFailure("A signing secret begins with whsec_.", { exitCode: EXIT_CODES.usage });
  return secret;
}

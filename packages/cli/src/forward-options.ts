import type { CarabinerOptions } from "@carabiner/server";
import { type Command, InvalidArgumentError, Option } from "commander";
import { CommandFailure } from "./command-failure.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { secretFrom, secretIn } from "./secret-from.ts";
import type { Terminal } from "./terminal.ts";

/** A development server's default signing secret. A test compares it with the server's. */
const DEV_WEBHOOK_SECRET = "whsec_carabinerForLocalTesting";

/** The options for where a development server sends events from its start. */
export interface ForwardOptions {
  forwardTo?: string;
  forwardConnectTo?: string;
  webhookSecretFile?: string;
}

/** Adds `--forward-to`, `--forward-connect-to` and the option for their secret. */
export function withForwardOptions(command: Command): Command {
  return withWebhookSecretOption(
    command
      .addOption(placeOption("--forward-to <url>", "send the platform's own test events here, from the start on: 127.0.0.1:4242/webhook"))
      .addOption(placeOption("--forward-connect-to <url>", "send those of connected accounts here")),
  );
}

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

/** The forwarding of the options or else of the environment; undefined when there is none. */
export function forwardingOf(options: ForwardOptions, env: Terminal["env"]): CarabinerOptions["forward"] {
  const { forwardTo: to, forwardConnectTo: connectTo } = options;
  if (to === undefined && connectTo === undefined) {
    if (options.webhookSecretFile !== undefined) throw usage("--webhook-secret-file goes with --forward-to or --forward-connect-to.");
    return undefined;
  }
  const secret = secretOf(options.webhookSecretFile, env);
  return {
    ...(to === undefined ? {} : { to }),
    ...(connectTo === undefined ? {} : { connectTo }),
    ...(secret === undefined ? {} : { secret }),
  };
}

/** The signing secret: from the named file, or the environment, or the public default. Throws a usage error. */
export function webhookSecretOf(option: string | undefined, env: Terminal["env"]): string {
  const secret = secretOf(option, env) ?? DEV_WEBHOOK_SECRET;
  if (!secret.startsWith("whsec_")) throw usage("A signing secret begins with whsec_.");
  return secret;
}

function secretOf(option: string | undefined, env: Terminal["env"]): string | undefined {
  return option === undefined ? secretFrom(env, "CARABINER_WEBHOOK_SECRET") : secretIn(option, "--webhook-secret-file");
}

/** An address as people type it: a port, a host with a port, or a URL. */
function parsePlace(text: string): string {
  const full = /^\d{1,5}(?:\/|$)/.test(text) ? `http://127.0.0.1:${text}` : /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.parse(full);
  if (url === null || !["http:", "https:"].includes(url.protocol))
    throw new InvalidArgumentError("It must be an address such as http://127.0.0.1:4242/webhook.");
  return full;
}

const usage = (message: string): CommandFailure => new CommandFailure(message, { exitCode: EXIT_CODES.usage });

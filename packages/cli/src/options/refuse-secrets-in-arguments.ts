import type { Command, Option } from "commander";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";

/** Options that people know from other tools, and that would put a secret into the arguments. */
const SECRET_OPTIONS = /^--(?:(?:live-)?api-key|key|secret(?:-key)?|webhook-secret|password|token)$/;

/**
 * Throws a usage error if an argument or an option of `command` is a URL with a password: every process on a machine
 * can see the arguments of all others. Values from the environment are not arguments.
 */
export function refuseSecretsInArguments(command: Command): void {
  for (const option of command.options) {
    const name = option.attributeName();
    if (command.getOptionValueSource(name) === "cli" && [command.getOptionValue(name)].flat().some(hasPassword))
      throw refusal(option.long ?? option.flags, elsewhere(option));
  }
  for (const [index, value] of command.args.entries())
    if (hasPassword(value))
      throw refusal(`<${command.registeredArguments[index]?.name() ?? "argument"}>`, "Leave it out: such an address has no password.");
}

/** What to do instead of an unknown option that would be a secret; null for any other option. */
export function insteadOfSecretOption(flag: string): string | null {
  if (!SECRET_OPTIONS.test(flag)) return null;
  return "A secret is never an argument: set CARABINER_API_KEY, CARABINER_LIVE_API_KEY with --live, or CARABINER_WEBHOOK_SECRET, or name a file with it, such as CARABINER_API_KEY_FILE.";
}

/** Where a password belongs that an option may not contain. */
function elsewhere({ long, description }: Option): string {
  const passwords = "put the password in ~/.pgpass or PGPASSWORD";
  if (long === "--egress-proxy") return "Set CARABINER_EGRESS_PROXY instead, or name a file with it in CARABINER_EGRESS_PROXY_FILE.";
  if (long === "--inbox" || long === "--database") {
    const variable = /CARABINER_[A-Z_]+/.exec(description)?.[0];
    return variable === undefined
      ? `Leave it out, and ${passwords}.`
      : `Set ${variable} instead, name a file with it in ${variable}_FILE, or ${passwords}.`;
  }
  return "Leave it out: such an address has no password.";
}

/** Whether it is a URL with a password, before its host or, as PostgreSQL allows, among its parameters. */
function hasPassword(value: unknown): boolean {
  const url = typeof value === "string" ? URL.parse(value) : null;
  return url !== null && (url.password !== "" || (/^postgres(?:ql)?:$/.test(url.protocol) && url.searchParams.has("password")));
}

function refusal(where: string, advice: string): CommandFailure {
  return new CommandFailure(`${where} contains a password, which every process on this machine can see. ${advice}`, {
    exitCode: EXIT_CODES.usage,
  });
}

import type { ServerOptions } from "./options/server-options.ts";
import type { Terminal } from "./output/terminal.ts";

/**
 * How to run this command here: `npx carabiner` if npx or a package script started it, which includes this repository,
 * and otherwise `carabiner`.
 */
export function programName(env: Terminal["env"]): string {
  // Set by npm: https://docs.npmjs.com/cli/using-npm/scripts#environment
  return env.npm_lifecycle_event === undefined ? "carabiner" : "npx carabiner";
}

/** Replaces the commands in a text (`carabiner deliveries list`) with the form in which they run here. */
export function asRun(text: string, env: Terminal["env"]): string {
  return text.replaceAll(/(?<=^|[\s`(])carabiner(?= [a-z])/g, programName(env));
}

/**
 * A command to run next, in the form in which it runs here: on the same server, in the same mode and for the same
 * account as the command that just ran.
 */
export function nextCommand(
  words: string,
  { url, live, account }: Pick<ServerOptions, "url" | "live" | "account">,
  env: Terminal["env"],
): string {
  const rest = [
    ...(url === undefined ? [] : ["--url", url]),
    ...(live === true ? ["--live"] : []),
    ...(account === undefined ? [] : ["--account", account]),
  ];
  return [programName(env), words, ...rest].join(" ");
}

import type { ServerOptions } from "./server-options.ts";
import type { Terminal } from "./terminal.ts";

/**
 * How a person runs this command here: `npx carabiner` where npx started it or a script of their own did, `npm run carabiner --`
 * in this repository, and otherwise `carabiner`.
 */
export function programName(env: Terminal["env"]): string {
  // Set by npm: https://docs.npmjs.com/cli/using-npm/scripts#environment
  if (env.npm_lifecycle_event === undefined) return "carabiner";
  return env.npm_package_name === "carabiner-workspace" && env.npm_command !== "exec" ? "npm run carabiner --" : "npx carabiner";
}

/** A text with the commands in it (`carabiner deliveries list`) as they are run here. */
export function asRun(text: string, env: Terminal["env"]): string {
  return text.replaceAll(/(?<=^|[\s`(])carabiner(?= [a-z])/g, programName(env));
}

/**
 * A command to run next, as it is run here: on the same server, in the same mode and for the same account as the one that
 * was just run.
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

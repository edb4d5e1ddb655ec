import { LIMIT_VARIABLES } from "./limit-values.ts";
import { SETTINGS } from "./settings.ts";

/** The variables of commands that call a server or read an inbox, and whether each is or may hold a secret. */
const OF_COMMANDS: ReadonlyMap<string, { secret: boolean }> = new Map([
  ["CARABINER_API_KEY", { secret: true }],
  ["CARABINER_INBOX", { secret: true }],
  ["CARABINER_LIVE_API_KEY", { secret: true }],
  ["CARABINER_OPERATOR_KEY", { secret: true }],
  ["CARABINER_URL", { secret: false }],
]);

/** The ones among these that may name a file with the secret. */
const IN_FILES = ["CARABINER_API_KEY_FILE", "CARABINER_INBOX_FILE", "CARABINER_LIVE_API_KEY_FILE", "CARABINER_OPERATOR_KEY_FILE"];

/** Variables that are, or may hold, a secret. */
export const SECRET_VARIABLES: ReadonlySet<string> = new Set([
  ...SETTINGS.flatMap(({ variable, secret }) => (variable === null || secret === undefined ? [] : [variable])),
  ...[...OF_COMMANDS].flatMap(([name, { secret }]) => (secret ? [name] : [])),
]);

/** Every variable that commands read, in the environment or in a configuration file. */
export const VARIABLES: readonly string[] = [
  ...new Set([
    ...SETTINGS.flatMap(({ variable, secret }) =>
      variable === null ? [] : secret === undefined ? [variable] : [variable, `${variable}_FILE`],
    ),
    ...LIMIT_VARIABLES.keys(),
    ...OF_COMMANDS.keys(),
    ...IN_FILES,
  ]),
].sort();

/**
 * Whether a variable is one that Kubernetes sets for a Service named `carabiner`: `CARABINER_SERVICE_HOST`, or
 * `CARABINER_PORT` with a value such as `tcp://10.0.0.1:80`.
 * Source: https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
export function isOfKubernetes(name: string, value: string): boolean {
  return (
    /^CARABINER_(?:SERVICE_(?:HOST|PORT)|PORT_\d+_(?:TCP|UDP|SCTP))/.test(name) || (name === "CARABINER_PORT" && /^[a-z]+:\/\//.test(value))
  );
}

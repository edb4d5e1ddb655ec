import { DEFAULT_LIMITS, type LimitName, leastOf } from "@carabiner/server/limits";
import { InvalidArgumentError } from "commander";
import { suggestion } from "../did-you-mean.ts";

const NAMES = Object.keys(DEFAULT_LIMITS) as LimitName[];

const PREFIX = "CARABINER_LIMIT_";

/** Milliseconds of a unit of time. */
const TIMES: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Bytes of a unit of size. */
const SIZES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1_000,
  mb: 1_000_000,
  gb: 1_000_000_000,
  kib: 1_024,
  mib: 1_048_576,
  gib: 1_073_741_824,
};

/** The variable that sets a limit: `CARABINER_LIMIT_EVENTS_KEPT_MS` for `eventsKeptMs`. */
export function limitVariable(name: LimitName): string {
  return `${PREFIX}${name.replaceAll(/(?=[A-Z])/g, "_").toUpperCase()}`;
}

/** Every variable that sets a limit, with the limit's name. */
export const LIMIT_VARIABLES: ReadonlyMap<string, LimitName> = new Map(NAMES.map((name) => [limitVariable(name), name]));

/** Parses `name=value`, as `--limit` takes it. Throws `InvalidArgumentError`. */
export function parseLimit(text: string): Partial<Record<LimitName, number>> {
  const [, given = "", value = ""] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (value === "") throw new InvalidArgumentError("It must be a name and a value, such as eventsKeptMs=90d.");
  const name = NAMES.find((one) => one === given.trim());
  if (name === undefined)
    throw new InvalidArgumentError(`There is no such limit. ${suggestion(given, NAMES, "docs/configuration.md lists them.")}`);
  return { [name]: parseLimitValue(name, value) };
}

/**
 * Parses the value of a limit: a number, with a unit if the limit is a time (`90d`) or a size (`16MiB`). Rates may have
 * a fraction. Throws `InvalidArgumentError`.
 */
export function parseLimitValue(name: LimitName, text: string): number {
  const [units, example] = name.endsWith("Ms")
    ? [TIMES, "30000, 30s or 7d"]
    : name.endsWith("Bytes")
      ? [SIZES, "1000000, 1MB or 1MiB"]
      : [{}, "100"];
  const [, number, unit = ""] = /^(\d{1,15}(?:\.\d{1,6})?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = unit === "" ? 1 : (units as Readonly<Record<string, number>>)[unit.toLowerCase()];
  const value = Number(number) * (factor ?? Number.NaN);
  if (value < leastOf(name)) throw new InvalidArgumentError("It must be at least 1.");
  if (Number.isSafeInteger(value) || (value >= 0 && name.includes("PerSecond"))) return value;
  throw new InvalidArgumentError(`It must be a number such as ${example}.`);
}
